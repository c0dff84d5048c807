"""Tests of hub/tail.py: everybody who waits for the log to grow is told."""

import asyncio

from hub.tail import Tail


async def test_all_who_wait_learn_of_growth() -> None:
    tail = Tail(3)
    waiting = [asyncio.create_task(tail.wait_beyond(size)) for size in (3, 3, 4)]
    await asyncio.sleep(0)
    tail.advance(4)
    assert await waiting[0] == await waiting[1] == 4
    assert not waiting[2].done()
    tail.advance(7)
    assert await waiting[2] == 7


async def test_who_comes_late_does_not_wait() -> None:
    tail = Tail(3)
    assert await tail.wait_beyond(2) == 3


async def test_the_log_never_shrinks() -> None:
    tail = Tail(3)
    tail.advance(2)
    assert tail.size == 3


async def test_closing_lets_everybody_go() -> None:
    tail = Tail(3)
    waiting = asyncio.create_task(tail.wait_beyond(3))
    await asyncio.sleep(0)
    tail.close()
    assert await waiting == 3
    assert tail.closed
    assert await tail.wait_beyond(99) == 3
