"""Real nodes, a real hub's stations and a real nats-server between them, and the hands of whoever runs the bus."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import select

from hub import tables
from hub.schema import MIGRATIONS
from hub.streams import STREAMS
from node.edit import Put
from node.node import Node, begin, build, join
from node.publish import Publisher
from node.witnessing import witnessing
from schemas.entry import parse_entry
from tests.bus_fixture import BusNetwork, running_bus, until
from tests.hub.published import Published
from tests.hub.stations import Stations, serving
from tests.migrated import migrated_engine
from tests.signed_network import ROOT, TRUST, need, statement_of
from wire import subjects
from wire.actions import Admitted, sign_action
from wire.bus import Bus, Incoming, Outgoing
from wire.bus_pull import Puller
from wire.database import reading
from wire.enrolment import make_admission, open_enrolment
from wire.key_sets import ENROLMENT_FILE

EVENTS = subjects.EVENTS_STREAM


class Carried:
    """A network whose bus can be stopped, emptied and written to; hub and nodes come and go as the test says."""

    def __init__(self, directory: Path, net: BusNetwork, published: Published, nodes: dict[str, Node]) -> None:
        self.directory, self.net, self.published, self.nodes = directory, net, published, nodes
        self.hub: Stations | None = None
        self._hub = AsyncExitStack()
        self._served: dict[str, asyncio.Task[None]] = {}

    async def open_hub(self) -> Stations:
        """Run the hub's stations."""
        bus = await self.net.connect("hub")
        self.hub = await self._hub.enter_async_context(
            serving(self.published, self.net, bus, self.directory / "stations")
        )
        return self.hub

    async def close_hub(self) -> None:
        """End the hub's process."""
        await self._hub.aclose()
        self.hub = None

    def serve(self, *organizations: str) -> None:
        """Run nodes."""
        for name in organizations or self.nodes:
            self._served[name] = asyncio.create_task(self._serve(self.nodes[name]))

    async def stop(self, *organizations: str) -> None:
        """End nodes' processes."""
        for name in organizations or tuple(self._served):
            task = self._served.pop(name)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _serve(self, node: Node) -> None:
        admission = node.admission()
        assert admission is not None
        bus = await Bus.connect(self.net.url, name="node", seed=node.keyring.bus_seed, wait=None)
        try:
            async with witnessing(node, admission, bus) as parts, asyncio.TaskGroup() as tasks:
                received = parts.cosigning.received
                publisher = Publisher(admission, node.announcing, node.outbox, bus, received=received)
                tasks.create_task(publisher.run())
                tasks.create_task(parts.cosigning.run())
        finally:
            await bus.close()

    def say(self, organization: str, number: int, start: int = 0) -> None:
        """Publish needs."""
        entries = [
            {"kind": "need", "id": f"n{start + step}", "marking": "TLP:CLEAR", **need()} for step in range(number)
        ]
        self.nodes[organization].editor.apply([Put(parse_entry(entry)) for entry in entries])

    def tokens(self, organization: str) -> list[bytes]:
        """What a node has said, in its order."""
        kept = self.nodes[organization].log.mine(range(1, 1000))
        return [kept[sequence].token for sequence in sorted(kept)]

    def logged(self, organization: str) -> list[bytes]:
        """What the hub has logged of it, in the order of the log."""
        source = f"https://{TRUST.network}/orgs/{organization}"
        return [token for token in self.published.logged() if statement_of(token)["source"] == source]

    def place(self, token: bytes) -> int:
        """Where a token stands among all that the nodes have said."""
        return [token for name in self.nodes for token in self.tokens(name)].index(token)

    async def all_logged(self, seconds: float = 120) -> None:
        """Wait until everything that the nodes have said is in the log."""
        for name in self.nodes:
            await until(lambda name=name: len(self.logged(name)) >= len(self.tokens(name)), seconds)  # type: ignore[misc]

    async def all_delivered(self, seconds: float = 120) -> None:
        """Wait until every node holds the proof for all that it has said."""
        for node in self.nodes.values():
            await until(lambda node=node: node.reading.counts().outbox == 0, seconds)  # type: ignore[misc]

    async def stored(self) -> int:
        """How many events lie on the bus."""
        bus = await self.net.connect("hub")
        return (await bus.stream_state(EVENTS)).messages

    async def take_all(self) -> list[Incoming]:
        """What whoever runs the bus does first: take everything that lies there, and leave nothing."""
        bus = await self.net.connect("hub")
        await bus.ensure_pull_consumer(EVENTS, "evil")
        puller = Puller(bus, EVENTS, "evil")
        number, taken = await self.stored(), list[Incoming]()
        while len(taken) < number:
            taken += await puller.next(1000, 1.0)
        puller.close()
        if taken:
            await bus.purge_through(EVENTS, taken[-1].stream_seq)
        assert await self.stored() == 0
        return taken

    async def put_there(self, messages: list[Outgoing]) -> None:
        """And then: put there whatever it likes, under any name."""
        bus = await self.net.connect("hub")
        await bus.publish_pipelined(messages)

    def quarantined(self) -> list[tuple[str, bytes]]:
        """Reason and token of all that was refused."""
        kept = tables.quarantine.c
        with reading(self.published.engine).connect() as connection:
            return [(row.reason, bytes(row.token)) for row in connection.execute(select(kept.reason, kept.token))]

    def excluded(self) -> list[tuple[int, str]]:
        """Index and reason of all that was left out of the view."""
        kept = tables.exclusions.c
        with reading(self.published.engine).connect() as connection:
            return [(index, why) for index, why in connection.execute(select(kept.index, kept.reason))]


def again(message: Incoming, *, token: bytes | None = None, body: bytes | None = None, subject: str = "") -> Outgoing:
    """A message as it came, but for what is named; without the id by which the bus would know it."""
    headers = {subjects.TOKEN_HEADER: (token or message.raw_header(subjects.TOKEN_HEADER)).decode()}
    return Outgoing(subject or message.subject, message.body if body is None else body, headers)


@asynccontextmanager
async def carried(directory: Path, *organizations: str) -> AsyncIterator[Carried]:
    """Found a network and run its bus; the nodes have joined, hub and nodes do not run yet."""
    (directory / "stations").mkdir()
    engine = migrated_engine(directory / "hub.db", MIGRATIONS)
    published = Published(engine)
    async with running_bus(directory / "bus", *organizations) as net:
        nodes = {name: _made(directory / name) for name in organizations}
        net.seeds.update({name: node.keyring.bus_seed for name, node in nodes.items()})
        await net.server.reload(net.accounts())
        bus = await net.connect("hub")
        for plan in STREAMS:
            await bus.ensure_stream(plan)
        own = _logged(published, 0)
        for name, node in nodes.items():
            enrolment = (directory / name / ENROLMENT_FILE).read_bytes()
            members: dict[str, Any] = {**published.roots.place(), **open_enrolment(enrolment)}
            entry = published.writer.register(sign_action(Admitted(**members), [ROOT])).outcome.entries[0]
            published.roots.done(entry.hash)
            join(node, make_admission(TRUST, own, _logged(published, entry.index), net.url))
        found = Carried(directory, net, published, nodes)
        try:
            yield found
        finally:
            await found.stop()
            await found.close_hub()
            for node in nodes.values():
                node.engine.dispose()
    engine.dispose()


def lose_store(net: BusNetwork) -> None:
    """Destroy what a bus that is stopped has kept."""
    shutil.rmtree(net.server.config.parent.parent / "jetstream")


def _made(place: Path) -> Node:
    begin(place, organization=place.name, name=f"Office {place.name}", org_type="10", database="")
    return build(place)


def _logged(published: Published, index: int) -> tuple[bytes, bytes]:
    with published.engine.connect() as connection:
        body = connection.scalar(select(tables.bodies.c.body).where(tables.bodies.c.index == index))
    return published.logged()[index], bytes(body or b"")
