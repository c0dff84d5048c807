"""Counts in the raw files what the hub must show once they are imported; imports nothing of ours: it may disagree."""

import csv
import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

# Facts about the sources, found by reading them; the mappings state them in their own way.
REGIONS = {
    "General Global Benefit": "001",
    "africa": "002",
    "west-africa": "011",
    "east-africa": "014",
    "north-africa": "015",
    "caribbean": "029",
    "southeastasia": "035",
    "asia": "142",
    "europe": "150",
    "latin-america": "419",
}
NO_ISO_CODE = {"XK"}
# Columns shifted by one commit and back by the next: no change of any contact.
SHIFTED = {"d8fcc92e526b", "138572de402e", "fc84ac190610", "240f00321136"}


def expected(data: Path) -> dict[str, Any]:
    """Return per kind and source how many records there must be, and which rows can be none."""
    return {
        "jee": jee(data),
        "jee_history": jee_history(data),
        "activities": activities(data),
        "hno_needs": hno_needs(data),
        "ghs_needs": len(_json(data / "needs/ghs_unmetneeds.json")),
        "contacts_se": len(_csv(data / "contacts/publicbodies_se.csv")),
        "contacts_br": len(_csv(data / "contacts/publicbodies_br.csv")),
        "accessions": accessions(data),
        "dotgov": dotgov(data),
    }


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def _csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


def _alpha3(data: Path) -> dict[str, str]:
    rows = _csv(data / "codelists/country-codes.csv")
    return {row["ISO3166-1-Alpha-2"]: row["ISO3166-1-Alpha-3"] for row in rows}


def jee(data: Path) -> dict[str, Any]:
    """Territories with their number of scores, and the rows of Zanzibar, which has no code."""
    rows, alpha3 = _json(data / "assessments/jee_score_data.json"), _alpha3(data)
    scores = Counter(alpha3[row["code"]] for row in rows if row["code"] in alpha3)
    values = Counter(str(row["score"]) for row in rows if row["code"] in alpha3)
    return {
        "assessments": len(scores),
        "scores_by_country": dict(scores),
        "values": dict(values),
        "bad_rows": [number for number, row in enumerate(rows, start=1) if row["code"] not in alpha3],
    }


def _changes(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def _is_jee_score(score: Any) -> bool:
    return score == "N/A" or (isinstance(score, int | float) and not isinstance(score, bool) and 1 <= score <= 5)


def jee_history(data: Path) -> dict[str, Any]:
    """The assessments after the last change, score by score, and how many changes hold what is no score."""
    alpha3, bad = _alpha3(data), 0
    rows: dict[str, dict[str, Any]] = {}
    for change in _changes(data / "events/jee_score_changes.jsonl"):
        if change["op"] == "delete":
            del rows[change["key"]]
            continue
        row = change["after"]
        rows[change["key"]] = row
        bad += not (row["code"] in alpha3 and _is_jee_score(row["score"]))
    scores: dict[str, dict[str, str]] = {}
    for row in rows.values():
        if row["code"] in alpha3 and _is_jee_score(row["score"]):
            criterion = row["indicator"].split(" ")[0]
            scores.setdefault(alpha3[row["code"]], {})[criterion] = str(row["score"])
    return {"assessments": len(scores), "scores": scores, "bad_changes": bad}


def activities(data: Path) -> dict[str, Any]:
    """Projects of which at least one row has a place, a year and a donor, and the rows that have not."""
    rows, alpha3 = _json(data / "assistance/ghs_tracking_submitted_data.json"), _alpha3(data)
    places: dict[str, set[str]] = {}
    bad: Counter[str] = Counter()
    bad_rows = []
    for number, row in enumerate(rows, start=1):
        recipient = row.get("recipient_country")
        place = REGIONS.get(recipient) or (None if recipient in NO_ISO_CODE else alpha3.get(recipient or ""))
        wrong = [
            name
            for name, is_wrong in (
                ("recipient_country", place is None),
                ("years", not re.fullmatch(r"\d{4}", row["years"][0])),
                ("commitment_disbursements", not row["commitment_disbursements"]),
            )
            if is_wrong
        ]
        bad.update(wrong)
        if wrong:
            bad_rows.append(number)
        else:
            places.setdefault(row["project_id"], set()).add(str(place))
    return {
        "activities": len(places),
        "places": {project: sorted(found) for project, found in places.items()},
        "bad_rows": bad_rows,
        "bad_by_column": dict(bad),
    }


def hno_needs(data: Path) -> dict[str, Any]:
    """Needs by country and cluster; rows without a cluster are none."""
    rows = _csv(data / "needs/hpc_hno_2024.csv")
    good = Counter((row["Country ISO3"], row["Cluster"]) for row in rows if row["Cluster"])
    return {
        "needs": sum(good.values()),
        "by_country_and_cluster": {"/".join(pair): number for pair, number in good.items()},
        "bad_rows": [number for number, row in enumerate(rows, start=2) if not row["Cluster"]],
        "in_need": sum(round(float(row["In Need"] or 0)) for row in rows if row["Cluster"]),
    }


def accessions(data: Path) -> dict[str, int]:
    """Participants, and how each became a party."""
    marks = {"": "ratification", "a": "accession", "A": "acceptance", "AA": "approval", "d": "succession"}
    found: Counter[str] = Counter()
    with (data / "accession/untc_18-11.csv").open(encoding="utf-8", newline="") as lines:
        for participant, _signature, party in list(csv.reader(lines))[1:]:
            found["accessions"] += participant != "European Union"
            found[marks[re.sub(r"^.*\d{4}", "", party).strip()] if party else "signed only"] += 1
    return dict(found)


def dotgov(data: Path) -> dict[str, Any]:
    """The contacts that stand after the last change, and how often what a contact shows has changed."""
    shown = ("domain", "organization", "city", "state", "email")
    standing: dict[str, tuple[str, ...]] = {}
    counts: Counter[str] = Counter()
    for change in _changes(data / "events/dotgov_federal_contact_changes.jsonl"):
        counts["changes"] += 1
        if change["op"] == "delete":
            del standing[change["key"]]
            counts["withdrawn"] += 1
            continue
        contact = tuple(change["after"][name].strip() for name in shown)
        contact = (*contact[:-1], contact[-1].lower())
        if change["commit"] in SHIFTED:
            continue
        counts["put"] += standing.get(change["key"]) != contact
        standing[change["key"]] = contact
    emails = {domain: contact[-1] for domain, contact in standing.items()}
    return {"contacts": len(standing), "emails": emails, **counts}
