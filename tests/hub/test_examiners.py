"""Examination in worker processes gives what examination here gives, also when a worker dies."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from hub.examiners import ASKED_AHEAD, INLINE, Examiners
from hub.examining import GIVES_WAY
from hub.reads import read_messages
from hub.worker_process import WorkerLost, WorkerProcess
from tests.bus_fixture import until
from tests.hub.children import children_of, needs_proc
from tests.signed_network import HUB_KEY, NETWORK, Organization, contact, key_of, message_of, need, signed_anew
from wire.examine import Message

Start = Callable[[str, str], Awaitable[WorkerProcess]]
PACKED = HUB_KEY.public.raw + key_of("ke-nctc").public.raw


def messages(count: int) -> list[Message]:
    """Some of everything: valid, refused, excluded, by unknown keys, without a record."""
    ours = Organization("ke-nctc", bytes(32), key_of("ke-nctc"))
    found = [
        message_of(ours.say(contact(), kind="contact", marking="TLP:GREEN")),
        message_of(ours.say(action="withdrawn")),
        message_of(ours.rotate()),
        message_of(ours.say(need(weight=1))),
        message_of(ours.tell("fr-office")),
        message_of(ours.tell("fr-office", marking="TLP:AMBER+STRICT", action="withdrawn")),
        message_of(ours.say())._replace(body=None),
        signed_anew(ours.say(), key_of("stranger")),
        signed_anew(ours.say(), ours.key, type="liaison.need.exploded"),
        Message("ke-nctc", "need", b"junk", None),
    ]
    return found + [message_of(ours.say(id=f"n{number}")) for number in range(count)]


@pytest.fixture
async def examiners() -> AsyncIterator[Examiners]:
    found = Examiners(NETWORK, 2)
    yield found
    found.close()


@pytest.mark.parametrize("count", [1, INLINE + 300])
async def test_findings_are_the_same_wherever_they_are_made_and_in_the_order_asked(
    examiners: Examiners, count: int
) -> None:
    asked = messages(count)
    assert await examiners.read(PACKED, asked) == read_messages(NETWORK, PACKED, asked)


def workers_now() -> set[int]:
    """Pids of the worker processes of this one."""
    return children_of("hub.examining")


@needs_proc
async def test_a_batch_is_examined_again_when_a_worker_was_killed(examiners: Examiners) -> None:
    before = workers_now()
    asked = messages(INLINE + 300)
    expected = read_messages(NETWORK, PACKED, asked)
    await examiners.read(PACKED, asked)
    workers = sorted(workers_now() - before)
    assert workers
    for pid in workers:
        os.kill(pid, signal.SIGKILL)
    assert await examiners.read(PACKED, asked) == expected
    await until(lambda: not set(workers) & workers_now())


async def test_many_parcels_are_asked_at_once_and_each_gets_its_own_answer(examiners: Examiners) -> None:
    ours = Organization("ke-nctc", bytes(32), key_of("ke-nctc"))
    pieces = [[message_of(ours.say(id=f"n{piece}-{n}")) for n in range(INLINE + piece)] for piece in range(12)]
    found = await asyncio.gather(*[examiners.read(PACKED, piece) for piece in pieces])
    assert found == [read_messages(NETWORK, PACKED, piece) for piece in pieces]


@needs_proc
async def test_what_nobody_waits_for_any_more_disturbs_nobody(examiners: Examiners) -> None:
    asked = messages(INLINE + 300)
    given_up = asyncio.create_task(examiners.read(PACKED, messages(INLINE + 500)))
    await until(lambda: bool(workers_now()))
    given_up.cancel()
    await asyncio.gather(given_up, return_exceptions=True)
    assert await examiners.read(PACKED, asked) == read_messages(NETWORK, PACKED, asked)


@needs_proc
async def test_a_worker_that_was_started_for_somebody_who_has_gone_is_there_for_the_next(
    examiners: Examiners, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, asked = workers_now(), messages(INLINE)

    async def one(module: str, network: str, start: Start = WorkerProcess.start) -> WorkerProcess:
        if workers_now() - before:
            await asyncio.Event().wait()
        return await start(module, network)

    with monkeypatch.context() as patch:
        patch.setattr(WorkerProcess, "start", one)
        given_up = asyncio.create_task(examiners.read(PACKED, asked))
        await until(lambda: bool(workers_now() - before))
        given_up.cancel()
        await asyncio.gather(given_up, return_exceptions=True)
    assert await examiners.read(PACKED, asked) == read_messages(NETWORK, PACKED, asked)
    assert len(workers_now() - before) == 2


async def test_a_parcel_of_which_every_worker_dies_is_an_error_in_the_end(
    examiners: Examiners, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.examiners.pack_messages", lambda _: b"junk")
    with pytest.raises(WorkerLost, match="has ended"):
        await examiners.read(PACKED, messages(INLINE))


@needs_proc
async def test_examining_gives_way_to_commits_and_readers(examiners: Examiners) -> None:
    before = workers_now()
    await examiners.read(PACKED, messages(INLINE))
    workers = workers_now() - before
    own = os.getpriority(os.PRIO_PROCESS, 0)
    assert len(workers) == 2
    await until(lambda: all(os.getpriority(os.PRIO_PROCESS, pid) == own + GIVES_WAY for pid in workers))


@needs_proc
async def test_whoever_waits_for_a_worker_is_served_by_another_when_all_who_had_it_have_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    start, ask, asked = WorkerProcess.start, WorkerProcess.ask, list[int]()

    async def start_silent(_module: str, _network: str) -> WorkerProcess:
        monkeypatch.setattr(WorkerProcess, "start", start)  # the next one answers
        return await start("tests.hub.echoing", "never")

    async def ask_noted(worker: WorkerProcess, keys: bytes, parcel: bytes) -> bytes:
        asked.append(len(parcel))
        return await ask(worker, keys, parcel)

    monkeypatch.setattr(WorkerProcess, "start", start_silent)
    monkeypatch.setattr(WorkerProcess, "ask", ask_noted)
    monkeypatch.setattr("hub.examiners.LOSSES", 1)
    given = messages(INLINE)
    async with Examiners(NETWORK, 1) as examiners:
        holding = [asyncio.create_task(examiners.read(PACKED, given)) for _ in range(ASKED_AHEAD)]
        await until(lambda: len(asked) == ASKED_AHEAD)
        waiting = asyncio.create_task(examiners.read(PACKED, given))
        for _ in range(5):
            await asyncio.sleep(0)
        assert len(asked) == ASKED_AHEAD, "it is not asked more, so that the third has to wait"
        for pid in children_of("tests.hub.echoing"):
            os.kill(pid, signal.SIGKILL)
        ended = await asyncio.gather(*holding, return_exceptions=True)
        assert [type(each) for each in ended] == [WorkerLost] * ASKED_AHEAD
        await until(waiting.done)
        assert await waiting == read_messages(NETWORK, PACKED, given)


@needs_proc
async def test_once_they_are_stopped_nobody_is_started_for_what_was_asked_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before, start, go = workers_now(), WorkerProcess.start, asyncio.Event()

    async def start_late(module: str, network: str) -> WorkerProcess:
        worker = await start(module, network)
        await go.wait()
        return worker

    examiners = Examiners(NETWORK, 1)
    await examiners.read(PACKED, messages(INLINE))
    asked = [asyncio.create_task(examiners.read(PACKED, messages(INLINE + 300))) for _ in range(3)]
    await asyncio.sleep(0)
    examiners.close()
    for each in await asyncio.gather(*asked, return_exceptions=True):
        assert "stopped" in str(each)
    assert workers_now() == before

    monkeypatch.setattr(WorkerProcess, "start", start_late)
    examiners = Examiners(NETWORK, 1)
    asking = asyncio.create_task(examiners.read(PACKED, messages(INLINE)))
    await until(lambda: workers_now() != before)
    examiners.close()
    go.set()
    with pytest.raises(RuntimeError, match="stopped"):
        await asking
    assert workers_now() == before
