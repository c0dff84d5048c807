"""The hub's API on a real server and port, beside a writer that publishes while readers read."""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

import uvicorn
from fastapi import FastAPI
from starlette.types import ASGIApp

from hub.api.application import create_api
from hub.clock import utc_now
from hub.log_checks import LogDamaged
from hub.streaming.connection import server_config
from hub.streaming.limits import LiveLimits
from hub.subscriptions.sending import Sending
from hub.tail import Tail
from tests.hub.published import Published
from tests.signed_network import NETWORK, TRUST

EASY = LiveLimits()


def api_of(
    network: Published, damaged: Callable[[LogDamaged], None] | None = None, live: LiveLimits = EASY,
    now: Callable[[], datetime] = utc_now, sending: Sending | None = None,
) -> FastAPI:  # fmt: skip
    """Give the application as the hub builds it."""
    registry = lambda: network.writer.state.registry  # noqa: E731 - the writer may be another one by then
    return create_api(
        network.engine, NETWORK, TRUST.to_bytes(), registry, network.tail, now, damaged, live=live, sending=sending
    )  # fmt: skip


class Served:
    """A running server. `address` stays the same when it is stopped and started again."""

    def __init__(self, network: Published, app: Callable[[Published], ASGIApp]) -> None:
        self._network = network
        self._app = app
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._stop: Callable[[], None] = lambda: None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Serve until stopped."""
        started = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve(started)), daemon=True)
        self._thread.start()
        assert started.wait(60), "the server does not start"

    def stop(self) -> None:
        """Stop as the hub stops: streams end first, then the server."""
        if self._thread is not None and self._thread.is_alive():
            self._stop()
            self._thread.join(60)
            assert not self._thread.is_alive(), "the server does not stop"

    async def _serve(self, started: threading.Event) -> None:
        network, loop = self._network, asyncio.get_running_loop()
        tail = network.tail = Tail(network.tail.size)
        server = uvicorn.Server(server_config(self._app(network), log_level="error", timeout_graceful_shutdown=20))
        network.announce = lambda size: (loop.call_soon_threadsafe(tail.advance, size), None)[1]

        def stop() -> None:
            tail.close()
            server.should_exit = True

        self._stop = lambda: (loop.call_soon_threadsafe(stop), None)[1]
        serving = asyncio.create_task(server.serve(sockets=[self._socket.dup()]))
        while not server.started:  # noqa: ASYNC110 - uvicorn says it by a flag
            await asyncio.sleep(0.01)
        started.set()
        await serving
        network.announce = tail.advance


@contextmanager
def served(network: Published, app: Callable[[Published], ASGIApp] = api_of) -> Iterator[Served]:
    """Serve a network's API, or another application, while the block runs."""
    server = Served(network, app)
    server.start()
    try:
        yield server
    finally:
        server.stop()
