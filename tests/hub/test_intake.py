"""The intake on a real bus: what nodes publish is logged in their order, once, and acknowledged only then."""

import asyncio
import os
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import select

from hub import intake, tables
from hub.entries import Read
from hub.examiners import Examiners
from hub.intake import as_message
from tests.bus_fixture import running_bus, until
from tests.hub.batches import chain_of, rows
from tests.hub.published import Published
from tests.hub.stations import at_work, outgoing, serving
from tests.signed_network import NETWORK, need
from wire import bus_pull, subjects
from wire.bus import Incoming, Outgoing
from wire.bus_pull import Puller
from wire.examine import Message


async def test_what_a_node_publishes_is_logged_and_receipted(small_network: Published, tmp_path: Path) -> None:
    ours = small_network.admit("ke-nctc")
    async with at_work(tmp_path, small_network, "ke-nctc") as hub:
        events = [ours.say(id=f"n{number}") for number in range(60)]
        await hub.publish(*events)
        await until(lambda: (receipt := hub.last("ke-nctc")) is not None and receipt.logged.sequence == 60)
        receipt = hub.last("ke-nctc")
        assert receipt is not None
        assert (receipt.next, receipt.missing, receipt.judgements) == (61, False, [])
        told = [entry for each in hub.told["ke-nctc"] for entry in each.entries]
        assert [sequence for sequence, _ in told] == list(range(1, 61))
    assert chain_of(small_network.engine, "ke-nctc") == list(range(1, 61))


async def test_events_that_wait_on_the_bus_are_taken_by_the_next_hub(small_network: Published, tmp_path: Path) -> None:
    ours = small_network.admit("ke-nctc")
    async with running_bus(tmp_path, "ke-nctc") as net:
        async with serving(small_network, net, await net.connect("hub"), tmp_path) as hub:
            await hub.publish(ours.say())
            await until(lambda: hub.sequence("ke-nctc") == 1)
        await hub.publish(*[ours.say(id=f"n{number}") for number in range(20)])
        assert chain_of(small_network.engine, "ke-nctc") == [1]
        async with serving(small_network, net, await net.connect("hub"), tmp_path) as another:
            await until(lambda: another.sequence("ke-nctc") == 21)
    assert chain_of(small_network.engine, "ke-nctc") == list(range(1, 22))


async def test_what_a_relay_sends_again_is_logged_only_once(small_network: Published, tmp_path: Path) -> None:
    ours = small_network.admit("ke-nctc")
    async with at_work(tmp_path, small_network, "ke-nctc") as hub:
        events = [ours.say(id=f"n{number}") for number in range(5)]
        await hub.publish(*events)
        await until(lambda: hub.sequence("ke-nctc") == 5)
        # The same messages under other names, as a relay that heard nothing sends them again.
        bus = hub.members["ke-nctc"]
        again = [Outgoing(out.subject, out.body, {**out.headers, "Nats-Msg-Id": f"again-{place}"})
                 for place, out in enumerate(map(outgoing, events))]  # fmt: skip
        await bus.publish_batch(again)
        await until(lambda: hub.intake.position == 10)
    assert chain_of(small_network.engine, "ke-nctc") == [1, 2, 3, 4, 5]
    assert rows(small_network.engine, tables.quarantine) == []


async def test_junk_on_the_bus_is_quarantined_and_the_next_event_logged(
    small_network: Published, tmp_path: Path
) -> None:
    ours = small_network.admit("ke-nctc")
    async with at_work(tmp_path, small_network, "ke-nctc") as hub:
        member = await hub.member("ke-nctc")
        sealed = ours.say()
        await member.publish_batch(
            [
                Outgoing("events.ke-nctc.need", b"", {}),
                Outgoing("events.ke-nctc.need", os.urandom(500), {subjects.TOKEN_HEADER: "junk"}),
                Outgoing("events.ke-nctc." + "x" * 150, sealed.body, {subjects.TOKEN_HEADER: sealed.token.decode()}),
                Outgoing("events.ke-nctc.a.b.c", sealed.body, {subjects.TOKEN_HEADER: sealed.token.decode()}),
                outgoing(sealed),
            ]
        )
        await until(lambda: hub.sequence("ke-nctc") == 1)
        await until(lambda: (receipt := hub.last("ke-nctc")) is not None and len(receipt.judgements) >= 3)
    with small_network.engine.begin() as connection:
        reasons = set(connection.execute(select(tables.quarantine.c.reason)).scalars())
    assert {"malformed", "wrong-subject"} <= reasons


async def test_a_refusal_and_an_exclusion_are_told_to_their_author(small_network: Published, tmp_path: Path) -> None:
    ours = small_network.admit("ke-nctc")
    async with at_work(tmp_path, small_network, "ke-nctc") as hub:
        await hub.publish(ours.say(need(weight=1)))
        await until(lambda: (receipt := hub.last("ke-nctc")) is not None and bool(receipt.judgements))
        receipt = hub.last("ke-nctc")
        assert receipt is not None
        judged = receipt.judgements[0]
        assert (judged.sequence, judged.severity, judged.reason) == (1, "warning", "schema-invalid")
        assert judged.problems[0]["pointer"] == "/record/weight"
        assert receipt.logged.sequence == 1


class Gated(Examiners):
    """Examines one piece after the other, each only when it is let."""

    def __init__(self) -> None:
        super().__init__(NETWORK, 1)
        self.asked: list[int] = []  # how many messages each piece has
        self.given_up = 0
        self._gates: dict[int, asyncio.Event] = defaultdict(asyncio.Event)

    async def read(self, packed_keys: bytes, messages: Sequence[Message]) -> list[Read]:
        self.asked.append(len(messages))
        try:
            await self._gates[len(self.asked)].wait()
        except asyncio.CancelledError:
            self.given_up += 1
            raise
        return await super().read(packed_keys, messages)

    def let(self, *pieces: int) -> None:
        for piece in pieces:
            self._gates[piece].set()


@asynccontextmanager
async def gated(
    network: Published, folder: Path, events: int, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[Gated, list[int]]]:
    """An intake of pieces of 10 and batches of 20 before a stream with so many events, and the sizes of its commits."""
    for name, size in {"PIECE": 10, "LEAST": 3, "BATCH": 20, "AHEAD": 50}.items():
        monkeypatch.setattr(intake, name, size)
    # A server that pauses between two messages would end a piece before it is full.
    monkeypatch.setattr(bus_pull, "_QUIET", 60)
    ours = network.admit("ke-nctc")
    async with running_bus(folder, "ke-nctc") as net:
        bus = await net.connect("hub")
        await intake.ensure_streams(bus)
        member = await net.connect("ke-nctc")
        await member.publish_batch([outgoing(ours.say(id=f"n{number}")) for number in range(events)])
        examiners, sizes = Gated(), list[int]()
        with ThreadPoolExecutor(1) as thread:
            puller = Puller(bus, subjects.EVENTS_STREAM, intake.DURABLE)
            listen = [lambda committed: sizes.append(len(committed.outcome.entries))]
            station = intake.Intake(bus, puller, examiners, network.writer, thread, listen, never)
            running = asyncio.create_task(station.run())
            yield examiners, sizes
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            puller.close()


async def never() -> None:
    raise AssertionError("the stream was there")


ALL = range(1, 40)


async def test_pieces_are_committed_together_while_many_more_are_coming(
    small_network: Published, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with gated(small_network, tmp_path, 75, monkeypatch) as (examiners, sizes):
        await until(lambda: len(examiners.asked) > 4)
        examiners.let(1, 2, 3, 4)
        await until(lambda: len(sizes) == 2)
        assert sizes == [20, 20]
        examiners.let(*ALL)
        await until(lambda: sum(sizes) == 75)
        assert max(sizes) == 20
    assert chain_of(small_network.engine, "ke-nctc") == list(range(1, 76))


async def test_only_so_much_is_pulled_before_it_is_committed(
    small_network: Published, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with gated(small_network, tmp_path, 75, monkeypatch) as (examiners, sizes):
        await until(lambda: sum(examiners.asked) == 50)
        examiners.let(1)
        await until(lambda: sum(examiners.asked) > 50)
        assert not sizes  # a full batch is coming, so the first piece waits for the second
        examiners.let(*ALL)
        await until(lambda: sum(sizes) == 75)


async def test_pieces_become_smaller_towards_the_end_of_the_stream(
    small_network: Published, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with gated(small_network, tmp_path, 45, monkeypatch) as (examiners, sizes):
        examiners.let(*ALL)
        await until(lambda: sum(sizes) == 45)
    assert examiners.asked[:2] == [10, 10]
    assert examiners.asked == sorted(examiners.asked, reverse=True)
    assert examiners.asked[-1] <= 3


async def test_at_the_end_of_the_stream_what_is_examined_waits_for_nothing_else(
    small_network: Published, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with gated(small_network, tmp_path, 25, monkeypatch) as (examiners, sizes):
        await until(lambda: sum(examiners.asked) == 25)
        examiners.let(1)
        await until(lambda: sizes == [10])
        examiners.let(3)  # a later piece is no use before the one in front of it
        examiners.let(*ALL)
        await until(lambda: sum(sizes) == 25)
    assert chain_of(small_network.engine, "ke-nctc") == list(range(1, 26))


async def test_an_intake_that_is_stopped_leaves_nothing_that_is_still_being_examined(
    small_network: Published, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with gated(small_network, tmp_path, 75, monkeypatch) as (examiners, sizes):
        await until(lambda: sum(examiners.asked) == 50)
    assert (examiners.given_up, sizes) == (len(examiners.asked), [])


def test_a_bus_message_is_an_event_by_its_subject_and_header() -> None:
    incoming = Incoming("events.ke-nctc.need", "", b"NATS/1.0\r\nLiaison-Token: a.b.c\r\n\r\n", b"{}")
    message = as_message(incoming)
    assert (message.organization, message.kind, message.token, message.body) == ("ke-nctc", "need", b"a.b.c", b"{}")
    assert as_message(Incoming("events", "", b"", b"")).body is None
