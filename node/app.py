"""The running node: API and relay together, until it is told to stop; the bus may be away at any time."""

import asyncio
import contextlib
import signal
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import structlog
import uvicorn

from node import rotating
from node.api.application import create_api
from node.batch_import import clean_up
from node.confirmations import Confirmations
from node.cosigning import asking
from node.lock import sole_server
from node.node import Node, build
from node.progress import Alarm
from node.publish import Publisher
from node.witness import Witness
from node.witnessing import witnessing
from wire.absence import App, first_of, serve_through_absences
from wire.bus import Bus
from wire.enrolment import Admission
from wire.key_sets import key_set
from wire.keys import read_secret
from wire.seal import timestamp

JOIN_POLL_SECONDS = 0.5
OLDER = (Alarm.RESTORED, Alarm.BEHIND_HUB)  # this database is, than what was published: it has to be restored
KEYS_POLL_SECONDS = 1.0
CLEAN_UP_SECONDS = 600
TIDY_SECONDS = 1.0
STOP_SECONDS = 3
END_SECONDS = 4  # enough for the bus to be closed in order

_log = structlog.get_logger()


class Service:
    """Runs one node; `bus_url` overrides what the admission says."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._publisher: Publisher | None = None
        self.witness: Witness | None = None
        self._notes = ThreadPoolExecutor(1, "notes")

    async def run(self, listener: socket.socket) -> None:
        """Serve on a listening socket until SIGTERM or SIGINT, or until a part fails."""
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(name, stop.set)
        host, port = listener.getsockname()[:2]
        pages = _Pages(self._pages_config())
        parts = [
            asyncio.create_task(pages.serve([listener])),
            asyncio.create_task(self._relay()),
            asyncio.create_task(self._clean_up()),
            asyncio.create_task(self._leave_no_trace()),
        ]
        stopping = asyncio.create_task(stop.wait())
        _log.info("node.serves", address=f"http://{host}:{port}", organization=self._node.settings.organization)
        done, _ = await asyncio.wait({stopping, *parts}, return_when=asyncio.FIRST_COMPLETED)
        pages.should_exit = True
        stopping.cancel()
        for task in parts[1:]:
            await _end(task)
        await asyncio.wait({parts[0]})
        self._notes.shutdown(wait=True)
        for part in done - {stopping}:  # a part that ended by itself has failed: that is told
            if (error := part.exception()) is not None:
                raise first_of(error)
        _log.info("node.stopped")

    def _pages_config(self) -> uvicorn.Config:
        api = create_api(self._node, edited=self._edited, witness=lambda: self.witness)
        proxies = self._node.settings.proxies
        return uvicorn.Config(
            api, loop="none", log_level="warning", timeout_graceful_shutdown=STOP_SECONDS,
            access_log=False, server_header=False,
            proxy_headers=bool(proxies), forwarded_allow_ips=proxies or None, limit_concurrency=500,
        )  # fmt: skip

    def _edited(self) -> None:
        if self._publisher is not None:
            self._publisher.notice()

    async def _clean_up(self) -> None:
        """Delete uploads whose time is over, also while nobody opens a page."""
        while True:
            await asyncio.to_thread(clean_up, self._node, timestamp(datetime.now(UTC)))
            await asyncio.sleep(CLEAN_UP_SECONDS)

    async def _leave_no_trace(self) -> None:
        """After an erasure, here or by a command, until no reader is in the way."""
        while True:
            await asyncio.to_thread(self._node.eraser.tidy)
            await asyncio.sleep(TIDY_SECONDS)

    async def _relay(self) -> None:
        """Run the relay; with the keys that the roots put in the place of the old ones, it begins again."""
        while True:
            admission = await self._admitted()
            number = (await asyncio.to_thread(self._node.reading.in_use)).key_set
            relay = asyncio.create_task(self._relay_with(admission, number))
            try:
                await self._other_keys(number, relay)
            finally:
                await _end(relay)
            if not relay.cancelled():
                relay.result()
            _log.info("node.keys_replaced", what="the new keys speak from now on, also on the bus")

    async def _relay_with(self, admission: Admission, number: int) -> None:
        seed = read_secret(key_set(self._node.settings.directory, number) / "bus.nk")
        async with self._bus(admission, seed) as bus, witnessing(self._node, admission, bus) as parts:
            self._publisher = Publisher(
                admission, self._node.announcing, self._node.outbox, bus,
                mend=partial(rotating.mend, self._node), received=parts.cosigning.received, hub_key=parts.hub_key.now,
            )  # fmt: skip
            inbox = self._node.inbox(admission)
            confirmations = Confirmations(admission.organization, self._node.orders, bus)
            alarm = (await asyncio.to_thread(self._node.reading.chain)).alarm
            try:
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(self._publisher.run())
                    tasks.create_task(inbox.run(asking(bus, admission.organization)))
                    tasks.create_task(confirmations.run())
                    if alarm in OLDER:
                        _log.error("node.older", alarm=alarm, what="it signs nothing; status says what to do")
                    else:
                        self.witness = parts.witness
                        tasks.create_task(parts.cosigning.run())
            finally:
                self.witness = None

    async def _other_keys(self, number: int, relay: "asyncio.Task[None]") -> None:
        """Wait until another process adopts other keys, or the relay ends by itself."""
        while not relay.done():
            await asyncio.wait({relay}, timeout=KEYS_POLL_SECONDS)
            if (await asyncio.to_thread(self._node.reading.in_use)).key_set != number:
                return

    async def _admitted(self) -> Admission:
        """Wait until the node has joined, which another process may do while this one serves."""
        waits = False
        while True:
            admission = await asyncio.to_thread(self._node.admission)
            if admission is not None:
                return admission
            if not waits:
                _log.info("node.not_joined", what="changes are kept and published once it has joined")
                waits = True
            await asyncio.sleep(JOIN_POLL_SECONDS)

    @asynccontextmanager
    async def _bus(self, admission: Admission, seed: bytes) -> AsyncIterator[Bus]:
        url = self._node.settings.bus or admission.bus_url
        self._note_bus(connected=False, reason=f"connecting to {_shown(url)}")
        bus = await Bus.connect(
            url,
            name=f"liaison-node {admission.organization}",
            seed=seed,
            on_state=lambda connected, reason: self._note_bus(connected=connected, reason=reason),
            wait=None,
        )
        try:
            yield bus
        finally:
            await bus.close()
            self._note_bus(connected=False, reason="the node was stopped", word="off")

    def _note_bus(self, *, connected: bool, reason: str, word: str = "") -> None:
        word = word or ("up" if connected else "away")
        self._notes.submit(self._write_bus, word, reason, timestamp(datetime.now(UTC)))

    def _write_bus(self, word: str, reason: str, now: str) -> None:
        known = self._node.outbox.relay()
        if word == "away" and known.bus == "away":
            now = known.bus_since  # away since it went, not since the last attempt
        self._node.outbox.note(bus=word, bus_reason=reason[:500], bus_since=now)


async def _end(task: "asyncio.Task[None]") -> None:
    """Cancel a task until it has ended: a library below may swallow a cancellation."""
    while not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=END_SECONDS)
    if not task.cancelled():
        task.exception()  # asked for: one that nobody asks for is written out with its traceback


class _Pages(uvicorn.Server):
    """Uvicorn without signal handlers of its own: the node decides when everything stops."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to the node."""
        yield


def listen(host: str, port: int) -> socket.socket:
    """Take the address before anything else starts; OSError says in a sentence why it cannot be had."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=512)
    except OSError as error:
        reason = error.strerror or str(error)
        raise OSError(
            f"cannot listen on {host}:{port}: {reason}; choose another address with --host or --port"
        ) from None


def serve(directory: Path, host: str, port: int, *, built: Callable[[Path], Node] = build) -> None:
    """Serve the node of a directory until it is told to stop."""
    import uvloop  # noqa: PLC0415 - only the service needs it

    node = built(directory)

    def run(again: bool) -> None:
        now = built(directory) if again else node
        try:
            uvloop.run(Service(now).run(listener.dup()))
        finally:
            now.engine.dispose()

    with sole_server(directory), listen(host, port) as listener, contextlib.suppress(KeyboardInterrupt):
        serve_through_absences(node.settings.database, run, lambda app: _served(app, listener.dup()))


async def _served(app: App, listener: socket.socket) -> None:
    config = uvicorn.Config(
        app, loop="none", lifespan="off", log_level="warning", access_log=False, server_header=False
    )
    pages = _Pages(config)
    serving = asyncio.create_task(pages.serve([listener]))
    try:
        await asyncio.shield(serving)
    finally:
        pages.should_exit = True
        await serving


def _shown(url: str) -> str:
    return url.rsplit("@", 1)[-1]  # an address may hold a password
