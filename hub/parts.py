"""The hub's running parts: they stop together, and the first one that fails stops the hub and says why."""

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Self

import uvicorn
from starlette.types import ASGIApp

from hub.streaming.connection import server_config
from hub.streaming.file_limit import raise_file_limit, readers_possible
from hub.streaming.limits import LiveLimits

STOP_SECONDS = 3
MORE_REQUESTS = 500  # at once, beside the live readers


class Pages(uvicorn.Server):
    """Uvicorn without signal handlers of its own: the hub decides when everything stops."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to the hub."""
        yield


def live_here(wanted: LiveLimits) -> LiveLimits:
    """Give the limits of live readers as this process can keep them."""
    return replace(wanted, readers=readers_possible(wanted.readers, raise_file_limit()))


async def run_pages(api: ASGIApp, host: str, port: int, proxies: str, readers: int) -> None:
    """Serve an application until cancelled; readers who are still there get a few seconds.

    `proxies` are the addresses whose word on who asks is taken; `readers` is how many live ones there may be.
    """
    config = server_config(
        api, host=host, port=port, loop="none", log_level="warning", timeout_graceful_shutdown=STOP_SECONDS,
        proxy_headers=bool(proxies), forwarded_allow_ips=proxies or None,
        limit_concurrency=readers + MORE_REQUESTS, lifespan="off",
    )  # fmt: skip
    pages = Pages(config)
    serving = asyncio.create_task(pages.serve())
    try:
        await asyncio.shield(serving)
    finally:
        pages.should_exit = True
        await serving


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
