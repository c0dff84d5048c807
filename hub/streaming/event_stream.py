"""An answer that does not end: parts are sent as they come, and a reader that does not take them is let go."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Final

import structlog
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from hub.streaming.connection import abort_of
from hub.streaming.places import Places, reader_address

# How long one part may wait for its reader. What waits then is bounded: about 64 KiB, and one part.
PATIENCE_SECONDS: Final = 30.0
_HEADERS: Final = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no", "Vary": "Authorization, Cookie"}

_log = structlog.get_logger()


class EventStream(Response):
    """`parts` gives whole blocks of a text/event-stream. Its reader has a place for as long as it reads."""

    media_type = "text/event-stream"

    def __init__(
        self,
        parts: AsyncGenerator[bytes],
        places: Places,
        headers: dict[str, str] | None = None,
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        super().__init__(headers={**_HEADERS, **(headers or {})})
        del self.headers["content-length"]
        self._parts = parts
        self._places = places
        self._patience = patience

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send until the parts end, the reader leaves, or it takes nothing for too long."""
        async with aclosing(self._parts) as parts:
            with self._places.take(reader_address(scope)):
                await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
                left = asyncio.create_task(_left(receive))
                sending = asyncio.create_task(self._send(parts, send))
                try:
                    await asyncio.wait((sending, left), return_when=asyncio.FIRST_COMPLETED)
                    if sending.done() and not sending.result():
                        await self._let_go(scope, left)
                finally:
                    for task in (sending, left):
                        task.cancel()
                    await asyncio.gather(sending, left, return_exceptions=True)

    async def _send(self, parts: AsyncGenerator[bytes], send: Send) -> bool:
        """Send all; False if the reader did not take it in time."""
        try:
            async for part in parts:
                async with asyncio.timeout(self._patience):
                    await send({"type": "http.response.body", "body": part, "more_body": True})
            async with asyncio.timeout(self._patience):
                await send({"type": "http.response.body", "body": b""})
        except TimeoutError:
            return False
        return True

    async def _let_go(self, scope: Scope, left: asyncio.Task[None]) -> None:
        self._places.dropped += 1
        _log.warning(
            "events.reader_dropped",
            address=reader_address(scope),
            what=f"took nothing for {self._patience:g} seconds; it can come back to where it was",
        )
        abort = abort_of(scope)
        if abort is not None:
            abort()
            await left


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
