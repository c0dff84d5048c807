"""The pipes to a worker: answers in order however they come in, and an error for everybody when it ends."""

import asyncio

import pytest

from hub.worker_process import HEAD, WorkerLost, WorkerProcess
from tests.bus_fixture import until
from tests.hub.children import children_of, needs_proc

MODULE = "tests.hub.echoing"


async def test_each_parcel_gets_the_answer_to_it() -> None:
    worker = await WorkerProcess.start(MODULE, "echo")
    parcels = [bytes([number]) * (number * 150_000 + number) for number in range(9)]
    answers = await asyncio.gather(*[worker.ask(b"keys", parcel) for parcel in parcels])
    worker.close()
    assert answers == [b"keys" + parcel for parcel in parcels]


async def test_answers_are_put_together_from_whatever_pieces_they_come_in() -> None:
    worker = await WorkerProcess.start(MODULE, "never")
    waiting = [asyncio.create_task(worker.ask(b"", b"x")) for _ in range(3)]
    await asyncio.sleep(0)
    said = b"".join(HEAD.pack(0, len(text)) + text for text in (b"one", b"", b"three"))
    for place in range(len(said)):
        worker.data_received(said[place : place + 1])
    assert await asyncio.gather(*waiting) == [b"one", b"", b"three"]
    worker.close()


async def test_whoever_waits_for_a_worker_that_ends_is_told_and_so_is_whoever_asks_it_later() -> None:
    worker = await WorkerProcess.start(MODULE, "end")
    with pytest.raises(WorkerLost, match="has ended"):
        await worker.ask(b"", b"x")
    await until(lambda: not worker.alive)
    with pytest.raises(WorkerLost):
        await worker.ask(b"", b"x")
    worker.close()  # once more does no harm


async def test_a_worker_that_listens_no_more_is_lost_though_it_still_runs() -> None:
    worker = await WorkerProcess.start(MODULE, "deaf")
    with pytest.raises(WorkerLost, match="has ended"):
        await asyncio.gather(worker.ask(b"", b"x"), worker.ask(b"", b"y"))
    assert not worker.alive


@needs_proc
async def test_a_worker_that_nobody_wants_any_more_while_it_starts_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    before = children_of(MODULE)
    monkeypatch.setattr(asyncio.get_running_loop(), "connect_read_pipe", never)
    starting = asyncio.create_task(WorkerProcess.start(MODULE, "never"))
    await until(lambda: children_of(MODULE) > before)
    starting.cancel()
    await asyncio.gather(starting, return_exceptions=True)
    assert children_of(MODULE) == before


async def never(*_: object) -> None:
    await asyncio.Event().wait()
