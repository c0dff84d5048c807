"""A running bus for tests: a real nats-server in a folder of the test, with accounts for the organizations named."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hub.bus_config import BusAccount
from hub.bus_server import BusServer
from wire.bus import MESSAGE_ID, BatchRefused, Bus, BusAway, NoResponder, Outgoing, StreamPlan, Unknown
from wire.nkeys import generate_nkey, nkey_public

EVENTS = StreamPlan("EVENTS", ("events.>",), max_bytes=256 * 1024 * 1024)
LOG = StreamPlan("LOG", ("log.>",), max_bytes=256 * 1024 * 1024)


@dataclass
class BusNetwork:
    """The server, everybody's seed (`hub` among them), and the connections made, which end with the network."""

    server: BusServer
    seeds: dict[str, bytes]
    connections: list[Bus] = field(default_factory=list)

    @property
    def url(self) -> str:
        return self.server.url

    def accounts(self) -> list[BusAccount]:
        return [BusAccount(org, nkey_public(seed)) for org, seed in self.seeds.items() if org != "hub"]

    async def connect(self, who: str | None, **options: Any) -> Bus:
        """Connect as an organization, as the hub, or (None) as the public; it must succeed."""
        options = {"wait": 60, **options}
        bus = await Bus.connect(self.url, name=who or "public", seed=self.seeds[who] if who else None, **options)
        self.connections.append(bus)
        assert bus.connected, f"{who} is not let in"
        return bus

    async def hub(self) -> Bus:
        """The hub's connection, with the streams EVENTS and LOG and the consumer `intake`."""
        bus = await self.connect("hub")
        for plan in (EVENTS, LOG):
            await bus.ensure_stream(plan)
        await bus.ensure_pull_consumer("EVENTS", "intake")
        return bus


@asynccontextmanager
async def running_bus(directory: Path, *organizations: str) -> AsyncIterator[BusNetwork]:
    """Run a bus until the end of the block."""
    seeds = {name: generate_nkey()[0] for name in ("hub", *organizations)}
    network = BusNetwork(BusServer(directory, nkey_public(seeds["hub"])), seeds)
    await network.server.start(network.accounts())
    try:
        yield network
    finally:
        for bus in network.connections:
            await bus.close()
        await network.server.stop()


async def until(condition: Callable[[], bool | Awaitable[bool]], seconds: float = 60) -> None:
    """Wait for a condition; the test fails when it does not come true in time."""
    deadline = time.monotonic() + seconds
    while True:
        holds = condition()
        if holds if isinstance(holds, bool) else await holds:
            return
        assert time.monotonic() < deadline, "the condition did not come true in time"
        await asyncio.sleep(0.01)


def events(first: int, count: int, org: str = "un-a") -> list[Outgoing]:
    """Numbered events of one organization, each with its own message id."""
    return [
        Outgoing(f"events.{org}.need", f"{number}".encode(), {MESSAGE_ID: f"{org}:{number}"})
        for number in range(first, first + count)
    ]


async def publish_surely(bus: Bus, batch: list[Outgoing]) -> None:
    """What a node's relay does: the same messages again until they are known to be stored."""
    while True:
        try:
            try:
                await bus.publish_batch(batch, timeout=5)
            except BatchRefused as refused:
                if not refused.duplicate:
                    raise
                await bus.publish_pipelined(batch)
        except (BusAway, Unknown, NoResponder):
            await bus.wait_connected(30)
            continue
        return


def kill(network: BusNetwork) -> None:
    """End the server as a crash would; when this returns, it answers nobody any more."""
    pid = network.server.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    with suppress(ChildProcessError):  # whoever watches it was told first
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
