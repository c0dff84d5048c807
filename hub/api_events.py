"""The log as server-sent events: every event that a reader may see, in order, resumable at any index."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from functools import partial
from http import HTTPStatus
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from hub.access import Role
from hub.filters import Live
from hub.live import LiveLog, LoggedEvent
from hub.problem_details import Refusal
from hub.reading import Reading, visible

BEAT_SECONDS: Final = 15.0
RETRY_MILLISECONDS: Final = 3000
MAX_STREAMS: Final = 1000
CHECK_SECONDS: Final = 60.0  # how soon a stream ends whose reader was let in by a token or a session that has ended
_HEADERS: Final = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no", "Vary": "Authorization, Cookie"}


def router(hub: Reading, beat: float = BEAT_SECONDS, check: float = CHECK_SECONDS) -> APIRouter:
    """Give this address."""
    routes = APIRouter(prefix="/api/v1", tags=["events"])
    log = LiveLog(hub.engine, hub.tail)
    streams = _Streams()

    @routes.get("/events", summary="Logged events as they come (text/event-stream of CloudEvents)")
    async def events(
        request: Request, asked: Annotated[Live, Query()], role: Annotated[Role, Depends(hub.role)]
    ) -> StreamingResponse:
        start = _start(hub, request, asked)
        found = _stream(hub, log, start, asked, visible(role), beat)
        if role is not Role.PUBLIC:
            found = _as_long_as_let_in(found, partial(hub.still, request), check)
        stream = streams.counted(found)
        return StreamingResponse(stream, media_type="text/event-stream", headers=_HEADERS)

    return routes


def _start(hub: Reading, request: Request, asked: Live) -> int:
    """Give the first index to send. What a reader had last wins over the address, which does not change with it."""
    said = request.headers.get("last-event-id")
    if not said:
        after = hub.check_cursor(asked.after)
        return hub.tail.size if after is None else after + 1
    try:
        after = int(said) if len(said) < 18 else None
    except ValueError:
        after = None
    if after is None or after < -1:
        detail = f"Last-Event-ID is {said[:60]!r}; it must be the log index of the last event received."
        raise Refusal(HTTPStatus.BAD_REQUEST, "invalid-cursor", detail)
    hub.check_cursor(after)
    return after + 1


async def _stream(
    hub: Reading, log: LiveLog, start: int, asked: Live, markings: Sequence[str], beat: float
) -> AsyncIterator[bytes]:
    # The id tells a reader at once where it stands, so that a connection that breaks now loses nothing.
    yield f"retry: {RETRY_MILLISECONDS}\n: events of {hub.network}\nid: {start - 1}\n\n".encode()
    position, sent = start, time.monotonic()
    while not hub.tail.closed:
        found: list[LoggedEvent] = []
        if position < hub.tail.size:
            found, position = await log.read(position, asked, markings)
        if found:
            yield b"".join(_frame(event) for event in found)
            sent = time.monotonic()
        elif time.monotonic() - sent >= beat:
            # The id lets a reader whom few events concern go on from here, without asking for all in between.
            yield f": as of {hub.as_of()}\nid: {position - 1}\n\n".encode()
            sent = time.monotonic()
        if position >= hub.tail.size:
            await _more(hub, position, beat - (time.monotonic() - sent))


async def _as_long_as_let_in(
    stream: AsyncIterator[bytes], still: Callable[[], bool], seconds: float
) -> AsyncIterator[bytes]:
    """End a stream whose reader is not let in any more; who was logged in learns it by asking again."""
    asked = time.monotonic()
    async for part in stream:
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


def _frame(event: LoggedEvent) -> bytes:
    return f"id: {event.index}\nevent: {event.statement.type}\ndata: ".encode() + event.document + b"\n\n"


class _Streams:
    """Bounds how many streams are open at once."""

    def __init__(self) -> None:
        self._open = 0

    def counted(self, stream: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """Count a stream while it is read; too many are refused before they begin."""
        if self._open >= MAX_STREAMS:
            detail = f"{MAX_STREAMS} readers follow this hub already. Try again later, or follow the bus."
            raise Refusal(HTTPStatus.SERVICE_UNAVAILABLE, "too-many-streams", detail, headers={"Retry-After": "30"})

        async def counting() -> AsyncIterator[bytes]:
            self._open += 1
            try:
                async for part in stream:
                    yield part
            finally:
                self._open -= 1

        return counting()
