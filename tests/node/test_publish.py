"""The relay against a real bus and a hub's end with real keys: loss, doubles, absence, refusal, divergence."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from node import publish
from node.node import Node, join
from node.publish import Publisher
from node.refusal import Refusal
from node.store.delivery_times import Times
from tests.bus_fixture import BusNetwork, kill, running_bus, until
from tests.node.nodes import NETWORK, ORG, HubEnd, make_node, noon, put
from wire import subjects
from wire.bus import Bus, Incoming
from wire.bus_pull import Puller
from wire.encoding import b64url
from wire.examine import Message, examine
from wire.key_sets import ENROLMENT_FILE
from wire.keys import SigningKey
from wire.receipts import Head, Judgement, open_head


class Log:
    """A hub's end on the bus: it logs what is next and verifies, drops what the test says, and sends receipts."""

    def __init__(self, bus: Bus, end: HubEnd, node: Node) -> None:
        self.bus, self.end, self.node = bus, end, node
        self.hashes: list[bytes] = []
        self.came = 0
        self.heads: list[Head] = []
        self.lose: Callable[[int], bool] = lambda _sequence: False
        self.silent = False
        self.state, self.judgements = "live", ()  # type: tuple[str, tuple[Judgement, ...]]
        self._missing = False

    async def start(self) -> None:
        await self.bus.subscribe("heads.*", self._head)
        await self.bus.answer("ask.*.head", self._asked)
        self._puller = Puller(self.bus, "EVENTS", "intake")
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self._puller.close()

    def receipt(self, *, missing: bool = False) -> bytes:
        last = self.hashes[-1] if self.hashes else bytes(32)
        entries = tuple((number, number + 10) for number in range(1, len(self.hashes) + 1))
        return self.end.receipt(
            len(self.hashes), last, missing=missing, state=self.state, judgements=self.judgements, entries=entries
        )

    async def tell(self) -> None:
        await self.bus.publish(subjects.receipts(ORG), self.receipt(missing=self._missing))

    async def _head(self, incoming: Incoming) -> None:
        self.heads.append(open_head(incoming.body, self.node.keyring.signing.public, NETWORK, ORG))

    async def _asked(self, *_: object) -> bytes:
        return self.receipt()

    async def _run(self) -> None:
        while True:
            incoming = await self._puller.next(1000, 0.2)
            for message in incoming:
                self._take(message)
            if incoming:
                await self._puller.ack_through(incoming[-1])
                if not self.silent:
                    await self.tell()

    def _take(self, incoming: Incoming) -> None:
        _, organization, kind = incoming.subject.split(".")
        key = self.node.keyring.signing.public
        token = incoming.header(subjects.TOKEN_HEADER).encode()
        read = examine(Message(organization, kind, token, incoming.body), NETWORK, {key.thumbprint: key})
        assert read.refusal is None
        assert read.signature
        assert read.said is not None
        self.came += 1
        if self.lose(read.said.sequence):
            return
        if read.said.sequence == len(self.hashes) + 1 and self.state == "live":
            self.hashes.append(read.hash)
            self._missing = False
        elif read.said.sequence > len(self.hashes) + 1:
            self._missing = True


class Scene:
    """A node, its relay, the bus, and the hub's end."""

    def __init__(self, node: Node, network: BusNetwork, end: HubEnd) -> None:
        self.node, self.network, self.end = node, network, end
        self.log: Log | None = None
        self._running: list[tuple[asyncio.Task[None], Bus]] = []
        self.publisher: Publisher | None = None

    async def open_hub(self) -> Log:
        self.log = Log(await self.network.hub(), self.end, self.node)
        await self.log.start()
        return self.log

    async def serve(self, wall: Callable[[], datetime] = noon) -> Publisher:
        admission = self.node.admission()
        assert admission is not None
        bus = await Bus.connect(self.network.url, name="node", seed=self.node.keyring.bus_seed, wait=None)
        self.publisher = Publisher(admission, self.node.announcing, self.node.outbox, bus, wall=wall)
        self._running.append((asyncio.create_task(self.publisher.run()), bus))
        return self.publisher

    async def stop(self) -> None:
        for task, bus in self._running:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await bus.close()
        self._running.clear()

    def sealed(self, number: int, start: int = 0) -> None:
        list(self.node.editor.apply_many(put(f"c{start + n}") for n in range(number)))

    def all_logged(self) -> bool:
        assert self.log is not None
        chain = self.node.reading.chain()
        relay = self.node.outbox.relay()
        return relay.logged == chain.sequence == len(self.log.hashes) and self.log.hashes[-1] == chain.head


@asynccontextmanager
async def scene(directory: Path) -> AsyncIterator[Scene]:
    node = make_node(directory / "node")
    end = HubEnd()
    async with running_bus(directory / "bus", ORG) as network:
        network.seeds[ORG] = node.keyring.bus_seed
        await network.server.reload(network.accounts())
        join(node, end.admit((directory / "node" / ENROLMENT_FILE).read_bytes(), network.url))
        found = Scene(node, network, end)
        try:
            yield found
        finally:
            await found.stop()
            if found.log is not None:
                await found.log.stop()
            node.engine.dispose()


async def test_the_outbox_reaches_the_log_in_order_and_stays_until_it_is_proven(tmp_path: Path) -> None:
    async with scene(tmp_path) as run:
        log = await run.open_hub()
        run.sealed(1200)
        await run.serve()
        await until(run.all_logged)
        assert run.node.reading.counts().outbox == 1201
        stood = run.node.reading.record("contact", "c7")
        assert stood is not None
        assert stood.kept.sequence is not None
        assert (stood.logged, stood.witnessed, stood.place) == (True, False, None)
        promised = run.node.log.mine([stood.kept.sequence])[stood.kept.sequence].promised
        assert promised == stood.kept.sequence + 10
        assert log.came == 1201


async def test_an_edit_by_another_process_is_noticed_while_serving(tmp_path: Path) -> None:
    async with scene(tmp_path) as run:
        await run.open_hub()
        await run.serve()
        await until(run.all_logged)
        run.sealed(1)
        await until(run.all_logged)


async def test_without_receipts_nothing_counts_as_logged(tmp_path: Path) -> None:
    async with scene(tmp_path) as run:
        log = await run.open_hub()
        log.silent = True
        run.sealed(20)
        await run.serve()
        await until(lambda: len(log.hashes) == 21)
        relay = run.node.outbox.relay()
        assert (run.node.reading.counts().outbox, relay.logged) == (21, 0)
        await log.tell()
        await until(run.all_logged)


async def test_when_the_bus_took_an_event_is_known_before_a_receipt_comes_and_after(tmp_path: Path) -> None:
    now = datetime(2026, 11, 24, 12, tzinfo=UTC)
    async with scene(tmp_path) as run:
        log = await run.open_hub()
        log.silent = True
        run.sealed(20)
        await run.serve(lambda: now)
        await until(lambda: run.node.outbox.relay().sent == 21)
        stood = run.node.reading.record("contact", "c7")
        assert stood is not None
        assert (stood.sent, stood.logged, stood.times) == (True, False, Times(sent="2026-11-24T12:00:00.000Z"))
        now = now.replace(hour=13)
        await until(lambda: len(log.hashes) == 21)
        await log.tell()
        await until(run.all_logged)
        stood = run.node.reading.record("contact", "c7")
        assert stood is not None
        assert stood.times == Times("2026-11-24T12:00:00.000Z", "2026-11-24T13:00:00.000Z")


async def test_events_that_the_bus_lost_are_sent_again(tmp_path: Path) -> None:
    async with scene(tmp_path) as run:
        log = await run.open_hub()
        lost = {5, 6, 300, 700}

        def lose(sequence: int) -> bool:
            if sequence in lost:
                lost.discard(sequence)
                return True
            return False

        log.lose = lose
        run.sealed(900)
        await run.serve()
        await until(run.all_logged)
        assert not lost


async def test_a_lost_end_is_asked_for_and_sent_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("node.progress.STALLED_SECONDS", 0.5)
    async with scene(tmp_path) as run:
        log = await run.open_hub()
        lost = set(range(40, 52))

        def lose(sequence: int) -> bool:
            gone = sequence in lost
            lost.discard(sequence)
            return gone

        log.lose = lose
        run.sealed(50)
        await run.serve()
        await until(run.all_logged)
        assert not lost


async def test_what_is_on_the_bus_already_is_logged_once(tmp_path: Path) -> None:
    async with scene(tmp_path) as run:
        run.sealed(100)
        hub = await run.network.hub()
        first = await run.serve()
        await until(lambda: first.progress.sent == 101)
        await run.stop()
        run.sealed(50, start=500)
        await run.serve()  # nobody answers: it sends from what is logged, which is nothing
        await until(lambda: run.publisher is not None and run.publisher.progress.sent == 151)
        assert (await hub.stream_state("EVENTS")).messages == 151
        await run.open_hub()
        await until(run.all_logged)


async def test_the_bus_may_be_away_and_come_back(tmp_path: Path) -> None:
    async with scene(tmp_path) as run:
        await run.open_hub()
        await run.serve()
        run.sealed(300)
        kill(run.network)
        run.sealed(300, start=300)
        await until(run.all_logged)


async def test_heads_are_announced_on_connecting(tmp_path: Path) -> None:
    async with scene(tmp_path) as run:
        log = await run.open_hub()
        run.sealed(3)
        await run.serve()
        await until(lambda: bool(log.heads))
        chain = run.node.reading.chain()
        assert (log.heads[0].sequence, log.heads[0].hash) == (chain.sequence, b64url(chain.head))


async def test_a_hub_that_lost_its_end_gets_it_from_the_outbox_again(tmp_path: Path) -> None:
    async with scene(tmp_path) as run:
        log = await run.open_hub()
        run.sealed(30)
        await run.serve()
        await until(run.all_logged)
        del log.hashes[12:]
        await log.tell()
        await until(lambda: len(log.hashes) == 31 and run.all_logged())


async def test_a_receipt_of_somebody_else_changes_nothing(tmp_path: Path) -> None:
    async with scene(tmp_path) as run:
        log = await run.open_hub()
        log.silent = True
        run.sealed(5)
        await run.serve()
        await until(lambda: len(log.hashes) == 6)
        forged = run.end.receipt(6, log.hashes[-1], key=SigningKey.generate())
        other = run.end.receipt(6, log.hashes[-1], organization="xb-other")
        for bad in (forged, other, b"", b"a.b.c", b"\xff" * 2000):
            await log.bus.publish(subjects.receipts(ORG), bad)
        await log.bus.publish(subjects.receipts(ORG), run.end.receipt(2, log.hashes[1]))
        await until(lambda: run.node.outbox.relay().logged == 2)
        assert run.node.log.position().promised == 2


async def test_a_logged_statement_that_is_not_ours_stops_sending_and_signing(tmp_path: Path) -> None:
    async with scene(tmp_path) as run:
        log = await run.open_hub()
        log.silent = True
        await run.serve()
        await until(lambda: len(log.hashes) == 1)
        await log.bus.publish(subjects.receipts(ORG), run.end.receipt(1, b"x" * 32))
        await until(lambda: run.node.reading.chain().alarm == "diverged")
        with pytest.raises(Refusal, match="another statement"):
            run.sealed(1)
        assert run.node.reading.counts().outbox == 1


async def test_a_hub_that_knows_more_stops_the_node_from_signing(tmp_path: Path) -> None:
    async with scene(tmp_path) as run:
        log = await run.open_hub()
        await run.serve()
        await until(run.all_logged)
        await log.bus.publish(subjects.receipts(ORG), run.end.receipt(9, b"x" * 32))
        await until(lambda: run.node.reading.chain().alarm == "behind-hub")
        with pytest.raises(Refusal, match="fork the chain"):
            run.sealed(1)


async def test_a_suspended_organization_keeps_its_events_and_sends_them_later(tmp_path: Path) -> None:
    async with scene(tmp_path) as run:
        log = await run.open_hub()
        await run.serve()
        await until(run.all_logged)
        log.state = "suspended"
        await log.tell()
        await until(lambda: run.node.outbox.relay().trouble is not None)
        run.sealed(10)
        assert len(log.hashes) == 1
        log.state = "live"
        await log.tell()
        await until(run.all_logged)
        await until(lambda: run.node.outbox.relay().trouble is None)


async def test_what_the_hub_judged_is_kept_with_the_event(tmp_path: Path) -> None:
    async with scene(tmp_path) as run:
        log = await run.open_hub()
        run.sealed(3)
        problems = [{"pointer": "/unit", "message": "too old", "found": "1", "allowed": "2"}]
        log.judgements = (
            Judgement(
                sequence=2, severity="warning", reason="schema-invalid", found="", expected="", problems=problems
            ),
        )
        await run.serve()
        await until(run.all_logged)
        stood = run.node.reading.record("contact", "c0")
        assert stood is not None
        assert stood.judged is not None
        assert (stood.judged.severity, stood.judged.reason) == ("warning", "schema-invalid")
        assert "too old" in stood.judged.problems


async def test_a_batch_is_bounded_in_number_and_bytes(tmp_path: Path) -> None:
    async with scene(tmp_path) as run:
        run.sealed(1100)
        batch = run.node.outbox.after(0, publish.BATCH, publish.BATCH_BYTES)
        assert len(batch) == 500
        small = run.node.outbox.after(0, publish.BATCH, 20_000)
        assert sum(len(each.token) + len(each.body or b"") for each in small) <= 20_000
        assert len(run.node.outbox.after(0, publish.BATCH, 1)) == 1
