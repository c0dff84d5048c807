"""A subscription that bounds what it holds, and says when it had to drop."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

import structlog

from wire.bus_message import Incoming

Handler = Callable[[Incoming], Awaitable[None]]

_log = structlog.get_logger(__name__)


class Subscription:
    """Messages of one subject, handed to `handler` one after another; what does not fit is dropped and counted."""

    def __init__(
        self,
        subject: str,
        handler: Handler,
        *,
        pending_messages: int,
        pending_bytes: int,
        on_dropped: Callable[[int], None] | None,
        on_close: Callable[[], None],
    ) -> None:
        self.subject = subject
        self.dropped = 0
        self._handler = handler
        self._limits = (pending_messages, pending_bytes)
        self._on_dropped = on_dropped
        self._on_close = on_close
        self._waiting: deque[Incoming] = deque()
        self._bytes = 0
        self._arrived = asyncio.Event()
        self._task = asyncio.create_task(self._run(), name=f"bus subscription {subject}")

    def take(self, incoming: Incoming) -> None:
        """Hold a message for the handler, or drop it when the limits are reached."""
        if len(self._waiting) >= self._limits[0] or self._bytes + incoming.size > self._limits[1]:
            self.dropped += 1
            if self._on_dropped:
                self._on_dropped(self.dropped)
            return
        self._waiting.append(incoming)
        self._bytes += incoming.size
        self._arrived.set()

    async def close(self) -> None:
        """End it; what waits unhandled is dropped."""
        self._on_close()
        self._task.cancel()
        await asyncio.wait({self._task})

    async def _run(self) -> None:
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            while self._waiting:
                incoming = self._waiting.popleft()
                self._bytes -= incoming.size
                try:
                    await self._handler(incoming)
                except Exception:  # noqa: BLE001
                    # Others' bad input never stops us; our own mistake is shown and does not silence the subject.
                    _log.exception("bus.handler_failed", subject=incoming.subject)
