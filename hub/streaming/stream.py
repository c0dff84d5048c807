"""A live stream, part by part: where its reader stands, what there is, and a sign of life when there is nothing."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from typing import Final

import orjson
from starlette.concurrency import run_in_threadpool

from hub.live import LiveLog, LoggedEvent, Question
from hub.reading import Reading
from hub.streaming.beginning import RETRY_MILLISECONDS, Beginning
from hub.streaming.snapshot import current_events

BEAT_SECONDS: Final = 15.0
CHECK_SECONDS: Final = 60.0  # how soon a stream ends whose reader was let in by a token or a session that has ended

Write = Callable[[LoggedEvent], bytes]


async def stream(
    hub: Reading, log: LiveLog, begun: Beginning, question: Question, write: Write | None = None,
    beat: float = BEAT_SECONDS,
) -> AsyncGenerator[bytes]:  # fmt: skip
    """Give a stream's parts until the hub stops; `write` writes an event, as a CloudEvent unless told otherwise."""
    # The id tells a reader at once where it stands, so that a connection that breaks now loses nothing.
    # Not before a snapshot: there it begins anew.
    place = "" if begun.snapshot else f"id: {begun.start - 1}\n"
    yield f"retry: {RETRY_MILLISECONDS}\n: events of {hub.network}\n{place}\n".encode()
    live_at = hub.tail.size if begun.marked else None
    if begun.snapshot:
        await run_in_threadpool(hub.ready_for, question.asked)
        async for part in current_events(hub.engine, begun.start, question):
            yield _text(part, write)
    position, sent = begun.start, time.monotonic()
    while not hub.tail.closed:
        found: Sequence[LoggedEvent] = ()
        if position < hub.tail.size:
            found, position = await log.read(position, question)
        if found:
            yield _text(found, write)
            sent = time.monotonic()
        elif time.monotonic() - sent >= beat:
            # The id lets a reader whom few events concern go on from here, without asking for all in between.
            yield f": as of {hub.as_of()}\nid: {position - 1}\n\n".encode()
            sent = time.monotonic()
        if live_at is not None and position >= live_at:
            yield _live(hub, position - 1)
            live_at = None
        if position >= hub.tail.size:
            await _more(hub, position, beat - (time.monotonic() - sent))
        else:
            await asyncio.sleep(0)  # one who has much to read does not keep the others waiting


def _text(found: Sequence[LoggedEvent], write: Write | None) -> bytes:
    return b"".join([event.block for event in found] if write is None else [write(event) for event in found])


def _live(hub: Reading, place: int) -> bytes:
    document = {"after": place, "log": hub.log_name, "as_of": hub.as_of()}
    return f"id: {place}\nevent: live\ndata: ".encode() + orjson.dumps(document) + b"\n\n"


async def only(block: bytes) -> AsyncGenerator[bytes]:
    """Give a stream that is one block."""
    yield block


async def as_long_as_let_in(
    parts: AsyncGenerator[bytes], still: Callable[[], bool], seconds: float = CHECK_SECONDS
) -> AsyncGenerator[bytes]:
    """End a stream whose reader is not let in any more; who was logged in learns it by asking again."""
    asked = time.monotonic()
    async with aclosing(parts):
        async for part in parts:
            if time.monotonic() - asked >= seconds:
                if not await run_in_threadpool(still):
                    return
                asked = time.monotonic()
            yield part


async def _more(hub: Reading, position: int, seconds: float) -> None:
    try:
        async with asyncio.timeout(max(0.0, seconds)):
            await hub.tail.wait_beyond(position)
    except TimeoutError:
        return
