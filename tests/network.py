"""A real network for tests: hub, bus and nodes as processes in a test's folder, watched and killed by pid."""

import os
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import text

from deploy.demo.commands import hub, node
from deploy.demo.network import HubReader, Member, Network, node_status
from deploy.demo.service import free_port, wait_for
from hub.bus_process import recorded_pid, runs_with, watched
from wire.database import open_database, sqlite_url

DELIVERY_SECONDS = 120

View = list[dict[str, Any]]


@dataclass
class LiveNetwork(Network):
    """The network of deploy/demo, with eyes and hands that only a test has."""

    _readers: dict[str, HubReader] | None = None

    def reader(self) -> HubReader:
        """The hub's API as a member sees it."""
        if self._readers is None:
            token = hub("token", str(self.hub_dir), "member", "tests").strip()
            self._readers = {"member": HubReader(self.hub.url, token)}
        return self._readers["member"]

    def put(self, org: str, *entries: dict[str, Any]) -> str:
        """Let an organization say something."""
        file = self.directory / f"put-{org}.jsonl"
        file.write_bytes(b"\n".join(map(orjson.dumps, entries)))
        return node("put", str(self.node_dir(org)), str(file))

    def sealed(self) -> dict[str, int]:
        """How many statements each node has signed."""
        return {org: node_status(self.node_dir(org))["sealed"] for org in self.nodes}

    def wait_delivered(self, sealed: dict[str, int] | None = None, seconds: float = DELIVERY_SECONDS) -> dict[str, int]:
        """Wait until the hub has logged all that the nodes have signed; give the numbers."""
        wanted = sealed or self.sealed()
        found: dict[str, int] = {}

        def all_logged() -> bool:
            found.update(self.reader().sequences())
            return all(found.get(org, 0) >= number for org, number in wanted.items())

        if not wait_for(all_logged, seconds):
            tails = "\n".join(service.log_tail() for service in self.services)
            pytest.fail(f"not delivered after {seconds} s: sealed {wanted}, logged {found}\n{tails}")
        assert {org: found[org] for org in wanted} == wanted, "the hub has logged more than the nodes have signed"
        return wanted

    def wait_outboxes_empty(self, seconds: float = DELIVERY_SECONDS) -> None:
        """Wait until every node has the hub's receipt for all that it signed."""
        for org in self.nodes:
            empty = partial(_outbox_is_empty, self.node_dir(org))
            assert wait_for(empty, seconds, every=0.2), f"{org} waits for receipts: {node_status(self.node_dir(org))}"

    def view(self) -> View:
        """All that the hub shows, without what depends on when it came: the log index, and the freshness of the day."""
        shown = [
            {name: value for name, value in item.items() if name not in {"index", "freshness"}}
            for status in ((), ("withdrawn",))
            for item in self.reader().all_items("/api/v1/records", **({"status": status} if status else {}))
        ]
        return sorted(shown, key=lambda item: (item["org"], item["kind"], item["id"]))

    def log(self) -> list[tuple[str, int, bytes]]:
        """Organization, sequence and hash of every entry of the hub's log, by its index; indices have no gap."""
        engine = open_database(self.hub_database or sqlite_url(self.hub_dir / "hub.sqlite"))
        query = """SELECT o.organization, l.sequence, l.hash, l."index" FROM log l
                   JOIN organizations o ON o.org = l.org ORDER BY l."index" """
        with engine.connect() as connection:
            rows = connection.execute(text(query)).all()
        engine.dispose()
        assert [row[3] for row in rows] == list(range(len(rows)))
        return [(row[0], row[1], bytes(row[2])) for row in rows]

    def chains(self) -> dict[str, list[bytes]]:
        """The hashes of every organization's statements in their order; the hub's own left out: they have its times."""
        chains: dict[str, list[bytes]] = {org: [] for org in self.nodes}
        for org, sequence, digest in self.log():
            if org in chains:
                chains[org].append(digest)
                assert sequence == len(chains[org]), f"{org}: sequence {sequence} stands at place {len(chains[org])}"
        return chains

    @property
    def bus_pid(self) -> int | None:
        """The pid of the embedded nats-server while it runs."""
        place = self.hub_dir.resolve() / "bus"
        pid = recorded_pid(place / "nats-server.pid")
        return pid if pid is not None and runs_with(pid, place / "nats.conf") else None

    def kill_bus(self) -> int | None:
        """Kill -9 the nats-server, and wait until it has ended; give its pid, None if it did not run."""
        pid = self.bus_pid
        if pid is not None:
            with watched(pid, self.hub_dir.resolve() / "bus" / "nats.conf") as has_ended:
                os.kill(pid, signal.SIGKILL)
                assert has_ended(10)
        return pid

    def close(self) -> None:
        """Leave nothing running: nodes, hub, its workers, its bus."""
        for reader in (self._readers or {}).values():
            reader.close()
        for service in reversed(self.services):
            service.kill()
            service.kill_workers()
        self.kill_bus()


def _outbox_is_empty(place: Path) -> bool:
    return bool(node_status(place)["outbox"]["events"] == 0)


def members(orgs: Sequence[str]) -> list[Member]:
    """Members of these names, on free ports."""
    return [Member(org, f"Office {org}", "10", free_port()) for org in orgs]


@contextmanager
def live_network(directory: Path, *orgs: str, start: bool = True, **options: Any) -> Iterator[LiveNetwork]:
    """Found a network in the folder and run it; the ends of all logs are printed, and shown when the test fails."""
    network = LiveNetwork(directory, free_port(), members(orgs), **options)
    try:
        network.found()
        if start:
            network.start()
        yield network
    finally:
        network.close()
        for service in network.services:
            print(service.log_tail())  # noqa: T201 - pytest keeps it for failures
