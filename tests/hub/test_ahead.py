"""The queue in front of the transaction: in order, bounded by messages and by bytes, and nobody waits for nothing."""

import asyncio

from hub.ahead import Ahead, Piece
from hub.entries import Read
from wire.bus import Incoming
from wire.examine import Message

MANY, END = 1000, 0  # messages that come behind a piece


def piece(messages: int, *, size: int = 0, behind: int = END) -> Piece:
    """A piece that is being examined, for ever if nobody ends it."""
    reading: asyncio.Task[list[Read]] = asyncio.create_task(_examine())
    return Piece([Message("ke-nctc", "need", b"", None)] * messages, Incoming("", "", b"", b""), size, behind, reading)


async def _examine() -> list[Read]:
    await asyncio.Event().wait()
    return []


async def examined(*pieces: Piece) -> None:
    """End the examination of these."""
    for each in pieces:
        each.reading.cancel()
    await asyncio.gather(*[each.reading for each in pieces], return_exceptions=True)


async def waits(putting: "asyncio.Task[None]") -> bool:
    for _ in range(5):
        await asyncio.sleep(0)
    return not putting.done()


async def test_the_first_is_shown_as_soon_as_it_is_there_and_stays() -> None:
    queue = Ahead(10, 10)
    looking = asyncio.create_task(queue.first())
    await asyncio.sleep(0)
    one = piece(1)
    await queue.put(one)
    assert await looking is one
    assert await queue.first() is one
    assert await queue.take(10) == [one]


async def test_whoever_puts_waits_while_there_are_too_many_messages_or_bytes() -> None:
    for one, two in ((piece(9), piece(1)), (piece(1, size=9), piece(1, size=1))):
        queue = Ahead(10, 10)
        await queue.put(one)
        putting = asyncio.create_task(queue.put(two))
        assert await waits(putting)
        assert await queue.take(len(one.messages)) == [one]
        await putting


async def test_one_that_is_larger_than_everything_is_let_through_alone() -> None:
    queue = Ahead(10, 10)
    large = piece(1, size=99)
    putting = asyncio.create_task(queue.put(large))
    assert await waits(putting)
    assert await queue.first() is large
    assert await queue.take(10) == [large]
    await putting


async def test_pieces_are_taken_together_in_order_as_far_as_they_fit() -> None:
    queue = Ahead(100, 100)
    pieces = [piece(size, behind=MANY) for size in (4, 4, 2, 1)]
    for each in pieces:
        await queue.put(each)
    assert await queue.take(10) == pieces[:3]
    assert await queue.take(10) == pieces[3:]


async def test_at_the_end_only_what_is_examined_goes_with_the_first() -> None:
    queue = Ahead(100, 100)
    pieces = [piece(1) for _ in range(4)]
    for each in pieces:
        await queue.put(each)
    await examined(pieces[0], pieces[1], pieces[3])
    assert await queue.take(10) == pieces[:2]
    assert await queue.take(10) == pieces[2:]
