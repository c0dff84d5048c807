"""A network that is ready to go: all have joined, real data are imported and sealed, and wait in the outboxes."""

import shutil
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from deploy.demo.commands import hub, node
from deploy.demo.network import Member, Network, node_status
from deploy.demo.service import free_port
from hub.bus_process import end_orphan
from tests.shared_files import SHARED

MAPPINGS = Path(__file__).resolve().parents[2] / "deploy" / "mappings"


@dataclass(frozen=True)
class Source:
    """A file of the real data, and the mapping that reads it."""

    org: str
    file: str
    mapping: str


# Enough events that ten kills all hit work that is not done yet, and few enough for every run of the tests.
SOME = (
    Source("us-dotgov", "events/dotgov_federal_contact_changes.jsonl", "dotgov_contacts_history"),
    Source("ocha-hno", "needs/hpc_hno_2024.csv", "hno_2024_needs"),
    Source("br-bodies", "contacts/publicbodies_br.csv", "publicbodies_br"),
)
ALL = (
    Source("us-dotgov", "events/dotgov_federal_contact_changes.jsonl", "dotgov_contacts_history"),
    Source("ocha-hno", "needs/hpc_hno_2024.csv", "hno_2024_needs"),
    Source("ghs-tracking", "needs/ghs_unmetneeds.json", "ghs_unmet_needs"),
    Source("ghs-tracking", "assistance/ghs_tracking_submitted_data.json", "ghs_assistance"),
    Source("jee-office", "assessments/jee_score_data.json", "jee_assessments"),
    Source("jee-history", "events/jee_score_changes.jsonl", "jee_history"),
    Source("br-bodies", "contacts/publicbodies_br.csv", "publicbodies_br_organizations"),
    Source("br-bodies", "contacts/publicbodies_br.csv", "publicbodies_br"),
    Source("se-bodies", "contacts/publicbodies_se.csv", "publicbodies_se_organizations"),
    Source("se-bodies", "contacts/publicbodies_se.csv", "publicbodies_se"),
    Source("un-treaties", "accession/untc_18-11.csv", "untc_18_11"),
)


@dataclass
class Prepared:
    """A network on disk that never ran; every run gets a copy of it, on the same ports, one run after the other."""

    directory: Path
    hub_port: int
    members: list[Member]
    token: str
    sealed: dict[str, int] = field(default_factory=dict)

    @contextmanager
    def copy(self, name: str) -> Iterator[Network]:
        """Give a copy to run; whatever happens, nothing of it runs on afterwards."""
        place = self.directory.with_name(name)
        shutil.copytree(self.directory, place)
        network = Network(place, self.hub_port, self.members)
        try:
            yield network
        finally:
            for service in network.services:
                service.kill()
                service.kill_workers()
            end_orphan(bus_pid_file(network), bus_config(network))


def prepare(directory: Path, sources: Sequence[Source]) -> Prepared:
    """Begin hub and nodes, let them join, and import every source into its node; nothing is served meanwhile."""
    members = [Member(org, f"Source of {org}", "90", free_port()) for org in sorted({each.org for each in sources})]
    prepared = Prepared(directory, free_port(), members, "")
    network = Network(directory, prepared.hub_port, members)
    network.found()
    prepared.token = hub("token", str(network.hub_dir), "operator", "the test").strip()
    with ThreadPoolExecutor(2) as pool:
        for _ in pool.map(lambda org: _import(network, [each for each in sources if each.org == org]), network.nodes):
            pass
    prepared.sealed = {org: node_status(network.node_dir(org))["sealed"] for org in network.nodes}
    return prepared


def bus_config(network: Network) -> Path:
    """The configuration file that the hub's nats-server was started with: it tells its process from all others."""
    return network.hub_dir.resolve() / "bus" / "nats.conf"


def bus_pid_file(network: Network) -> Path:
    """Where nats-server notes its pid."""
    return bus_config(network).with_name("nats-server.pid")


def _import(network: Network, sources: Sequence[Source]) -> None:
    for source in sources:
        file = SHARED / "data" / source.file
        how = MAPPINGS / f"{source.mapping}.toml"
        node("import", str(network.node_dir(source.org)), str(file), "--mapping", str(how))
