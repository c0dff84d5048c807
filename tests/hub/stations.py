"""The stations of a hub in service, on a real bus and a real database: intake, receipts, answers and feed."""

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from hub.answers import Answers
from hub.damage import Damage
from hub.examiners import Examiners
from hub.feed import Feed
from hub.intake import DURABLE, Intake, ensure_streams
from hub.last_checkpoint import LastCheckpoint
from hub.questions import Questions
from hub.receipting import Receipts
from hub.witnessing import Witnessing
from hub.writer import Committed
from tests.bus_fixture import BusNetwork, running_bus
from tests.hub.batches import restarted
from tests.hub.published import Published
from tests.signed_network import HUB_KEY, NETWORK, TRUST, key_of
from wire import subjects
from wire.bus import MESSAGE_ID, Bus, Incoming, Outgoing
from wire.bus_pull import Puller
from wire.database import reading
from wire.encoding import b64url
from wire.receipts import Receipt, open_receipt
from wire.seal import Sealed


@dataclass
class Stations:
    """A hub's parts at work; `receipts_of` collects what one node is told."""

    network: Published
    net: BusNetwork
    bus: Bus
    intake: Intake
    receipts: Receipts
    answers: Answers
    feed: Feed
    witnessing: Witnessing
    damage: Damage
    members: dict[str, Bus] = field(default_factory=dict)
    told: dict[str, list[Receipt]] = field(default_factory=dict)

    async def member(self, organization: str) -> Bus:
        """An organization's connection, which listens for its receipts."""
        if organization not in self.members:
            bus = await self.net.connect(organization)
            told = self.told.setdefault(organization, [])

            async def listen(incoming: Incoming) -> None:
                told.append(open_receipt(incoming.body, HUB_KEY.public, NETWORK, organization))

            await bus.subscribe(subjects.receipts(organization), listen)
            assert await bus.confirm(60)
            self.members[organization] = bus
        return self.members[organization]

    async def publish(self, *events: Sealed) -> None:
        """What a node's relay does."""
        bus = await self.member(events[0].organization)
        await bus.publish_batch([outgoing(event) for event in events])

    def sequence(self, organization: str) -> int:
        """How far the log goes for an organization."""
        return self.network.writer.state.speakers[organization].sequence

    def last(self, organization: str) -> Receipt | None:
        """The newest receipt."""
        told = self.told.get(organization)
        return told[-1] if told else None


def outgoing(event: Sealed) -> Outgoing:
    """An event as it goes onto the bus."""
    headers = {subjects.TOKEN_HEADER: event.token.decode(), MESSAGE_ID: b64url(event.hash)}
    return Outgoing(subjects.events(event.organization, event.kind), event.body, headers)


@asynccontextmanager
async def at_work(folder: Path, network: Published, *organizations: str) -> AsyncIterator[Stations]:
    """Run a bus with accounts for these organizations, and the hub's stations on it."""
    async with running_bus(folder, *organizations) as net:
        bus = await net.connect("hub")
        async with serving(network, net, bus, folder) as stations:
            yield stations


@asynccontextmanager
async def serving(network: Published, net: BusNetwork, bus: Bus, folder: Path) -> AsyncIterator[Stations]:
    """The stations as one process has them: leave the block, and that process has ended."""
    await ensure_streams(bus)
    network.writer = writer = restarted(network.engine)
    stands = {name: stand for name in writer.state.speakers if (stand := writer.stand(name))}
    engine = reading(network.engine)
    receipts = Receipts(NETWORK, lambda: HUB_KEY, engine, bus, stands, lambda _: ("live", ""), writer.clock)

    def grown(committed: Committed) -> None:
        network.tail.advance(committed.size)

    with ThreadPoolExecutor(1) as thread:
        examiners = Examiners(NETWORK, 1)
        puller = Puller(bus, subjects.EVENTS_STREAM, DURABLE)
        intake = Intake(
            bus, puller, examiners, writer, thread, [receipts.committed, grown], partial(ensure_streams, bus)
        )
        damage = Damage(folder)
        questions = Questions(engine, lambda: network.tail.size, damage)
        answers = Answers(NETWORK, bus, lambda: writer.state.registry, receipts, intake, questions)
        feed = Feed(engine, bus, network.tail)
        last = LastCheckpoint(folder, TRUST)
        witnessing = Witnessing(TRUST, key_of("log"), network.engine, writer, thread, bus, last, receipts.witnessed)
        await answers.start()
        await witnessing.start()
        assert await bus.confirm(60)
        tasks = [asyncio.create_task(part.run()) for part in (intake, receipts, feed, witnessing)]
        try:
            yield Stations(network, net, bus, intake, receipts, answers, feed, witnessing, damage)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            puller.close()
            examiners.close()
