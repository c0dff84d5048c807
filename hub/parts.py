"""The hub's running parts: they stop together, and the first one that fails stops the hub and says why."""

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, Self

import uvicorn


class Pages(uvicorn.Server):
    """Uvicorn without signal handlers of its own: the hub decides when everything stops."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to the hub."""
        yield


class Parts:
    """Tasks that stop together; the first one that fails stops the hub and says why."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        return self

    def add(self, work: Coroutine[Any, Any, None], name: str) -> None:
        """Start a part."""
        self._tasks.add(asyncio.create_task(work, name=name))

    async def until(self, stop: asyncio.Event) -> None:
        """Wait for the order to stop, or for a part that ended; its error is raised."""
        stopping = asyncio.create_task(stop.wait())
        done, _ = await asyncio.wait({stopping, *self._tasks}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        for task in done - {stopping}:
            task.result()

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
