"""A bus with a hub's end that answers ping and head, for a node that has joined."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from node.node import Node, build
from node.settings import SETTINGS_FILE
from tests.bus_fixture import BusNetwork, running_bus
from tests.node.nodes import NETWORK, ORG, HubEnd, joined_node


def noted() -> datetime:
    """The time now."""
    return datetime.now(UTC)


@dataclass
class Answers:
    """What the hub's end says; changed by tests between examinations."""

    end: HubEnd
    node: Node
    network: str = NETWORK
    now: Callable[[], datetime] = noted
    state: str = "live"
    reason: str = ""

    async def answer(self, subject: str, _payload: bytes, _headers: Any) -> bytes:
        if subject.endswith(".ping"):
            return orjson.dumps({"pong": self.now().isoformat(), "network": self.network})
        sequence, digest = self.node.outbox.head()
        return self.end.receipt(sequence, digest, state=self.state, reason=self.reason)


@asynccontextmanager
async def node_on_a_bus(folder: Path) -> AsyncIterator[tuple[Node, BusNetwork, Answers]]:
    """Run a bus, on which a joined node has an account and the hub answers."""
    async with running_bus(folder / "hub", ORG) as network:
        end = HubEnd()
        node = joined_node(folder / "node", hub=end)
        seed = folder / "node" / "keys" / "bus.nk"
        seed.write_bytes(network.seeds[ORG])
        settings = folder / "node" / SETTINGS_FILE
        settings.write_text(settings.read_text().replace('bus = ""', f'bus = "{network.url}"'))
        node = build(folder / "node")
        answers = Answers(end, node)
        hub = await network.hub()
        await hub.answer(f"ask.{ORG}.*", answers.answer)
        assert await hub.confirm(60), "the node may ask at once"
        yield node, network, answers
        node.engine.dispose()
