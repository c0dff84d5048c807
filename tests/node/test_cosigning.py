"""The witness over a real bus: it reads the log by questions, hears checkpoints, and answers with cosignatures."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest

from node.alarms import Name
from node.node import Node, build, join
from node.publish import Publisher
from node.settling import settle
from node.witnessing import witnessing
from tests.bus_fixture import BusNetwork, kill, running_bus, until
from tests.node.logs import LogEnd
from tests.node.nodes import ORG, HubEnd, make_node, put
from wire import subjects
from wire.bus import Bus, Incoming
from wire.checkpoint import Witnesses, open_checkpoint
from wire.key_sets import ENROLMENT_FILE
from wire.notes import BadNote


class Station:
    """A node that is served, and a hub's end that shows it a log; `log` may be replaced by another history."""

    def __init__(self, node: Node, network: BusNetwork, end: HubEnd) -> None:
        self.node = node
        self.network = network
        self.log = LogEnd(end)
        self.lines: list[tuple[int, str]] = []
        self._hub: Bus | None = None
        self._served: asyncio.Task[None] | None = None

    async def open_hub(self) -> None:
        self._hub = await self.network.hub()
        await self._hub.answer(f"ask.{ORG}.*", self._answer)
        await self._hub.subscribe(f"witness.{ORG}", self._line)

    async def _answer(self, subject: str, question: bytes, _headers: Mapping[str, str]) -> bytes:
        what = subject.rsplit(".", 1)[1]
        if what == "head":
            return self.log.end.receipt(0, bytes(32))
        return await self.log.ask(what, question)

    async def _line(self, incoming: Incoming) -> None:
        size, _, line = incoming.body.decode().partition("\n")
        self.lines.append((int(size), line))

    async def announce(self, note: bytes | None = None) -> None:
        assert self._hub is not None
        await self._hub.publish(subjects.CHECKPOINTS, note or self.log.note())

    async def tell(self, receipt: bytes) -> None:
        assert self._hub is not None
        await self._hub.publish(subjects.receipts(ORG), receipt)

    def serve(self) -> None:
        self._served = asyncio.create_task(self._serve())

    async def _serve(self) -> None:
        admission = self.node.admission()
        assert admission is not None
        bus = await Bus.connect(self.network.url, name="node", seed=self.node.keyring.bus_seed, wait=None)
        try:
            async with witnessing(self.node, admission, bus) as parts, asyncio.TaskGroup() as tasks:
                publisher = Publisher(
                    admission, self.node.announcing, self.node.outbox, bus, received=parts.cosigning.received
                )
                tasks.create_task(publisher.run())
                tasks.create_task(parts.cosigning.run())
        finally:
            await bus.close()

    async def stop(self) -> None:
        if self._served is not None:
            self._served.cancel()
            await asyncio.gather(self._served, return_exceptions=True)

    def cosigned(self, size: int) -> bool:
        """Whether a cosignature of this size has come that verifies for the log's checkpoint."""
        witnesses = Witnesses(self.log.end.trust.network, {ORG: self.node.keyring.witness.public}, 1)
        for found, line in self.lines:
            if found == size:
                try:
                    note = self.log.note(size) + line.encode()
                    return open_checkpoint(note, self.log.end.trust.log_verifier, witnesses).has_quorum
                except BadNote:
                    return False
        return False

    def alarms(self) -> list[Name]:
        return [each.finding.name for each in self.node.log.alarms()]


@asynccontextmanager
async def station(directory: Path) -> AsyncIterator[Station]:
    place = directory / "node"
    node = make_node(place)
    end = HubEnd()
    async with running_bus(directory / "bus", ORG) as network:
        network.seeds[ORG] = node.keyring.bus_seed
        await network.server.reload(network.accounts())
        join(node, end.admit((place / ENROLMENT_FILE).read_bytes(), network.url))
        found = Station(node, network, end)
        found.log.take_outbox(node)
        try:
            yield found
        finally:
            await found.stop()
            node.engine.dispose()


async def test_a_long_log_is_read_in_batches_and_its_newest_checkpoint_cosigned(tmp_path: Path) -> None:
    async with station(tmp_path) as run:
        run.log.grow(3500)
        await run.open_hub()
        run.serve()
        await until(lambda: run.cosigned(run.log.size))
        assert run.log.asked.count("entries") == 4
        assert run.node.log.position().size == run.log.size


async def test_each_announced_checkpoint_is_cosigned_and_one_missed_is_made_good_on_reconnecting(
    tmp_path: Path,
) -> None:
    async with station(tmp_path) as run:
        await run.open_hub()
        run.serve()
        await until(lambda: run.cosigned(run.log.size))
        run.log.grow(20)
        await run.announce()
        await until(lambda: run.cosigned(run.log.size))
        run.log.grow(20)
        kill(run.network)
        await until(lambda: run.cosigned(run.log.size))


async def test_a_proof_in_a_receipt_delivers(tmp_path: Path) -> None:
    async with station(tmp_path) as run:
        list(run.node.editor.apply_many(put(f"c{number}") for number in range(5)))
        run.log.take_outbox(run.node)
        await run.open_hub()
        run.serve()
        await until(lambda: run.cosigned(run.log.size))
        assert run.node.reading.counts().outbox == 6
        await run.tell(run.log.receipt(run.node))
        await until(lambda: run.node.reading.counts().outbox == 0)
        stood = run.node.reading.record("contact", "c0")
        assert stood is not None
        assert (stood.witnessed, stood.place) == (True, run.log.size - 5)


async def test_a_hub_that_turns_to_another_history_gets_no_cosignature_and_an_alarm(tmp_path: Path) -> None:
    async with station(tmp_path) as run:
        await run.open_hub()
        other = run.log.twin()
        run.log.grow(5, "a")
        other.grow(8, "b")
        run.serve()
        await until(lambda: run.cosigned(run.log.size))
        before = len(run.lines)
        run.log = other
        await run.announce()
        await until(lambda: run.alarms() == [Name.SPLIT_VIEW])
        run.log.grow(1)
        await run.announce()
        await until(lambda: run.node.log.position().size == run.log.size)
        assert len(run.lines) == before
        files = list((tmp_path / "node" / "evidence").glob("split-view-*.json"))
        assert files
        assert orjson.loads(files[0].read_bytes())["evidence"]["note"]


async def test_a_hub_that_has_gone_back_is_noticed_on_reconnecting(tmp_path: Path) -> None:
    async with station(tmp_path) as run:
        await run.open_hub()
        small = run.log.twin()
        run.log.grow(5)
        run.serve()
        await until(lambda: run.cosigned(run.log.size))
        run.log = small
        kill(run.network)
        await until(lambda: run.alarms() == [Name.ROLLED_BACK])


async def test_a_hub_that_was_restored_is_cosigned_again_once_a_person_has_settled_it(tmp_path: Path) -> None:
    async with station(tmp_path) as run:
        await run.open_hub()
        small = run.log.twin()
        run.log.grow(5)
        run.serve()
        await until(lambda: run.cosigned(run.log.size))
        whole, run.log = run.log, small
        kill(run.network)
        await until(lambda: run.alarms() == [Name.ROLLED_BACK])
        run.log = whole
        run.log.grow(3)
        await run.announce()
        await until(lambda: run.node.log.position().size == run.log.size)
        assert not run.cosigned(run.log.size)
        beside = build(tmp_path / "node")
        settle(beside, "rolled-back", "Restored; all entries are back.", datetime.now(UTC))
        beside.engine.dispose()
        # Nothing is announced: the running node notices by itself.
        await until(lambda: run.cosigned(run.log.size))
        assert run.node.log.stopped() is None


async def test_with_a_log_that_has_not_come_back_the_running_node_raises_the_alarm_anew(tmp_path: Path) -> None:
    async with station(tmp_path) as run:
        await run.open_hub()
        small = run.log.twin()
        run.log.grow(5)
        run.serve()
        await until(lambda: run.cosigned(run.log.size))
        run.log = small
        kill(run.network)
        await until(lambda: run.alarms() == [Name.ROLLED_BACK])
        lines = len(run.lines)
        settle(run.node, "rolled-back", "It looked well.", datetime.now(UTC))
        await until(lambda: run.alarms() == [Name.ROLLED_BACK] * 2)
        assert run.node.log.stopped() is Name.ROLLED_BACK
        assert len(run.lines) == lines


async def test_a_hub_that_cannot_answer_is_asked_again_and_status_says_why_it_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("node.cosigning.PAUSE_SECONDS", 0.1)
    async with station(tmp_path) as run:
        run.log.silent = True
        await run.open_hub()
        run.serve()
        await until(lambda: "not now" in (run.node.log.position().trouble or ""))
        run.log.silent = False
        await until(lambda: run.cosigned(run.log.size))
        await until(lambda: run.node.log.position().trouble is None)
