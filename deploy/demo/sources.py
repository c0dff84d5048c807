"""The real sources: which organization imports which files by which mappings, and how hub and files are compared."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.progress import Progress

from deploy.demo.commands import node
from deploy.demo.network import HubReader, Network, at_once
from tests.flow.count_files import expected

CHANGES = ("new", "changed", "gone")
MAPPINGS = Path(__file__).parents[1] / "mappings"


@dataclass(frozen=True)
class Source:
    """An organization of the demonstration; `files` are pairs of mapping and file, in the order of their import."""

    id: str
    name: str
    org_type: str
    files: tuple[tuple[str, str], ...]


SOURCES = (
    Source("jee-office", "Office for joint external evaluations (demonstration)", "40",
           (("jee_assessments", "assessments/jee_score_data.json"),)),
    Source("jee-change-desk", "Desk that follows changes of evaluations (demonstration)", "40",
           (("jee_history", "events/jee_score_changes.jsonl"),)),
    Source("ghs-tracking", "Global health security tracking (demonstration)", "80",
           (("ghs_assistance", "assistance/ghs_tracking_submitted_data.json"),)),
    Source("ghs-needs-desk", "Desk for unmet needs (demonstration)", "80",
           (("ghs_unmet_needs", "needs/ghs_unmetneeds.json"),)),
    Source("hno-office", "Office for humanitarian needs (demonstration)", "40",
           (("hno_2024_needs", "needs/hpc_hno_2024.csv"),)),
    Source("se-public-bodies", "Register of Swedish public bodies (demonstration)", "10",
           (("publicbodies_se_organizations", "contacts/publicbodies_se.csv"),
            ("publicbodies_se", "contacts/publicbodies_se.csv"))),
    Source("br-public-bodies", "Register of Brazilian public bodies (demonstration)", "10",
           (("publicbodies_br_organizations", "contacts/publicbodies_br.csv"),
            ("publicbodies_br", "contacts/publicbodies_br.csv"))),
    Source("treaty-section", "Treaty section (demonstration)", "40",
           (("untc_18_11", "accession/untc_18-11.csv"),)),
    Source("us-security-contacts", "Security contacts of US federal domains (demonstration)", "10",
           (("dotgov_contacts_history", "events/dotgov_federal_contact_changes.jsonl"),)),
)  # fmt: skip


@dataclass(frozen=True)
class Figure:
    """One line of the comparison."""

    what: str
    in_files: int
    on_hub: int


def import_all(network: Network, data: Path, progress: Progress, sources: tuple[Source, ...] = SOURCES) -> int:
    """Import every file into its node; give how many events that made, which is none the second time."""
    task = progress.add_task("importing", total=sum(len(source.files) for source in sources))
    news: list[int] = []

    def import_source(source: Source) -> None:
        for mapping, file in source.files:
            said = json.loads(import_file(network.node_dir(source.id), data / file, mapping))
            # A history tells what it published, a file how it differs from what is published.
            news.extend(said["published"].values() if "published" in said else map(said["counts"].get, CHANGES))
            progress.update(task, advance=1, description=f"imported {file}"[:52])

    at_once(import_source, sources)
    return sum(news)


def import_file(place: Path, file: Path, mapping: str) -> str:
    """Import one file; give the report."""
    return node("import", str(place), str(file), "--mapping", str(MAPPINGS / f"{mapping}.toml"), "--json")


def compare(reader: HubReader, data: Path) -> list[Figure]:
    """Count in the raw files, by code that shares nothing with the import, and on the hub."""
    counted = expected(data)
    records: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for item in reader.all_items("/api/v1/records"):
        records.setdefault((item["org"], item["kind"]), []).append(item["record"])
    sequences = reader.sequences()

    def number(org: str, kind: str, of: Callable[[dict[str, Any]], int] = lambda _: 1) -> int:
        return sum(of(record) for record in records.get((org, kind), []))

    jee, history, dotgov = counted["jee"], counted["jee_history"], counted["dotgov"]
    security = records.get(("us-security-contacts", "contact"), [])
    emails = {mail["address"] for record in security for mail in record.get("emails", ())}
    emails_counted = {mail for mail in dotgov["emails"].values() if "@" in mail}
    return [
        Figure("JEE: States assessed", jee["assessments"], number("jee-office", "assessment")),
        Figure("JEE: scores", sum(jee["scores_by_country"].values()), number("jee-office", "assessment", _ratings)),
        Figure("JEE after all changes: States", history["assessments"], number("jee-change-desk", "assessment")),
        Figure("JEE after all changes: scores", sum(map(len, history["scores"].values())),
               number("jee-change-desk", "assessment", _ratings)),
        Figure("assistance: projects", counted["activities"]["activities"], number("ghs-tracking", "activity")),
        Figure("assistance: places of projects", sum(map(len, counted["activities"]["places"].values())),
               number("ghs-tracking", "activity", lambda record: len(record["places"]))),
        Figure("unmet needs", counted["ghs_needs"], number("ghs-needs-desk", "need")),
        Figure("humanitarian needs 2024", counted["hno_needs"]["needs"], number("hno-office", "need")),
        Figure("humanitarian needs 2024: people in need", counted["hno_needs"]["in_need"],
               number("hno-office", "need", lambda record: record.get("quantity", {}).get("in_need", 0))),
        Figure("contacts of Swedish bodies", counted["contacts_se"], number("se-public-bodies", "contact")),
        Figure("contacts of Brazilian bodies", counted["contacts_br"], number("br-public-bodies", "contact")),
        Figure("States towards the financing convention", counted["accessions"]["accessions"],
               number("treaty-section", "accession")),
        Figure("US contacts after all changes", dotgov["contacts"], number("us-security-contacts", "contact")),
        Figure("US contacts: distinct e-mail addresses", len(emails_counted), len(emails)),
        # One statement more than the changes: the organization's own record.
        Figure("US contacts: events, one by one", dotgov["put"] + dotgov["withdrawn"] + 1,
               sequences.get("us-security-contacts", 0)),
    ]  # fmt: skip


def _ratings(record: dict[str, Any]) -> int:
    return len(record["ratings"])
