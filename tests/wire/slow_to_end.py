"""A handler that takes long to end, and the bus whose closing is cancelled meanwhile."""

import asyncio

from tests.bus_fixture import until
from wire.bus import Bus


class SlowToEnd:
    """Begins when it is called, and ends only when it is let go, though it was cancelled before."""

    def __init__(self) -> None:
        self.begun, self.cancelled, self.go = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def __call__(self, *_: object) -> bytes:
        self.begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.cancelled.set()
            await self.go.wait()
        return b""

    async def is_cancelled_while_closing(self, bus: Bus) -> None:
        """Cancel whoever closes the bus while this one ends: that one is cancelled, and the connection has ended."""
        await until(self.begun.is_set)
        closing = asyncio.create_task(bus.close())
        await until(self.cancelled.is_set)
        closing.cancel()
        await asyncio.wait({closing}, timeout=60)
        assert closing.cancelled()
        assert not bus.connected
        self.go.set()
