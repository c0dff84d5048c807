"""The end of the log as those who wait for it see it: one number that grows with each commit."""

import asyncio


class Tail:
    """Lives on the event loop. `size` is the number of log entries; `closed` is true once the hub stops."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.closed = False
        self.erasures = 0  # counts the commits that destroyed bodies: what was read before one is not to be kept
        self._changed = asyncio.Event()

    def advance(self, size: int) -> None:
        """Say that the log has `size` entries now; to be called on the event loop."""
        if size > self.size:
            self.size = size
            self._wake()

    def forget(self) -> None:
        """Say that bodies were destroyed; to be called on the event loop."""
        self.erasures += 1

    def close(self) -> None:
        """Let all who wait go: the hub stops."""
        self.closed = True
        self._wake()

    async def wait_beyond(self, size: int) -> int:
        """Wait until the log has more than `size` entries; gives its size, which is not larger once closed."""
        while self.size <= size and not self.closed:
            await self._changed.wait()
        return self.size

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()
