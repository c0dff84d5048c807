"""What stands in a network's databases and its API, so that two runs of it can be compared."""

import asyncio
import json
import sqlite3
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.demo.network import HubReader, Network
from deploy.demo.service import ServiceFailed, wait_for
from hub.keyring import load_keys
from wire import subjects
from wire.bus import Bus

DELIVERY_SECONDS = 120
# Index, and with it whatever is the hub's clock, depends on how the organizations' events interleave.
COMPARED = ("kind", "org", "id", "marking", "record", "statement", "sequence", "published", "status")

Statements = dict[tuple[str, int], bytes]


@dataclass
class Outcome:
    """Where everything stands after a run; `records` by kind, organization and id."""

    records: dict[tuple[str, str, str], dict[str, Any]]
    heads: dict[str, tuple[int, bytes]]
    statements: Statements
    double: list[tuple[str, int]]
    quarantined: list[dict[str, Any]]
    waiting: int
    log_size: int
    on_bus: tuple[int, int]  # messages of the log's stream, and the log index that its last one bears


def outcome(network: Network, token: str) -> Outcome:
    """Read everything; the services run."""
    reader = HubReader(network.hub.url, token)
    try:
        statuses = ["current", "withdrawn", "disputed", "erased"]
        records = list(reader.all_items("/api/v1/records", status=statuses))
        quarantined = list(reader.all_items("/api/v1/quarantine"))
    finally:
        reader.close()
    logged = _rows(
        network.hub_dir / "hub.sqlite",
        "SELECT o.organization, l.sequence, l.hash FROM log l JOIN organizations o ON o.org = l.org",
    )
    times = Counter((org, sequence) for org, sequence, _ in logged)
    heads = _rows(network.hub_dir / "hub.sqlite", "SELECT organization, sequence, head FROM organizations")
    return Outcome(
        records={(r["kind"], r["org"], r["id"]): {name: r[name] for name in COMPARED} for r in records},
        heads={org: (sequence, head) for org, sequence, head in heads},
        statements={(org, sequence): digest for org, sequence, digest in logged},
        double=[place for place, number in times.items() if number > 1],
        quarantined=quarantined,
        waiting=sum(waiting(network, org) for org in network.nodes),
        log_size=len(logged),
        on_bus=asyncio.run(_log_on_bus(network)),
    )


def sealed(network: Network) -> Statements:
    """All that the nodes have signed."""
    found: Statements = {}
    for org in network.nodes:
        for sequence, digest in _rows(_node_database(network, org), "SELECT sequence, hash FROM statements"):
            found[org, sequence] = digest
    return found


def waiting(network: Network, org: str) -> int:
    """How many events of a node the hub has not confirmed."""
    return int(_rows(_node_database(network, org), "SELECT count(*) FROM outbox")[0][0])


def log_size(network: Network) -> int:
    """How many entries the log has now."""
    return int(_rows(network.hub_dir / "hub.sqlite", 'SELECT coalesce(max("index"), -1) + 1 FROM log')[0][0])


def wait_delivered(network: Network) -> None:
    """Wait until every outbox is empty and the bus carries the whole log; ServiceFailed says what is missing."""
    _wait(network, lambda: not any(waiting(network, org) for org in network.nodes))
    size = log_size(network)
    _wait(network, lambda: asyncio.run(_log_on_bus(network))[1] == size - 1)


def _wait(network: Network, done: Callable[[], bool]) -> None:
    if not wait_for(done, DELIVERY_SECONDS, every=0.1):
        left = {org: waiting(network, org) for org in network.nodes}
        tails = "\n".join(service.log_tail() for service in network.services)
        raise ServiceFailed(f"after {DELIVERY_SECONDS} s there still wait {left}, log {log_size(network)}\n{tails}")


async def _log_on_bus(network: Network) -> tuple[int, int]:
    keyring = load_keys(network.hub_dir)
    port = json.loads((network.hub_dir / "bus.json").read_text())["port"]
    bus = await Bus.connect(f"nats://127.0.0.1:{port}", name="test", seed=keyring.bus_seed)
    try:
        last = await bus.last_message(subjects.LOG_STREAM)
        state = await bus.stream_state(subjects.LOG_STREAM)
        return state.messages, -1 if last is None else int(last.header(subjects.INDEX_HEADER))
    finally:
        await bus.close()


def _node_database(network: Network, org: str) -> Path:
    return network.node_dir(org) / "node.sqlite"


def _rows(database: Path, query: str) -> list[Any]:
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=30)) as connection:
        return connection.execute(query).fetchall()
