"""One connection by nats-py, used once and thrown away when it ends: the only file that knows nats-py.

nats-py's own reconnecting is not used: it keeps what was published while away and sends it later, leaves futures
that never complete, and gives up for good on some errors. A new client per connection has no such past.
"""

import asyncio
import contextlib
import ssl
from collections.abc import Callable, Sequence

import structlog
from nats.aio.client import Client

from wire.bus_message import BusAway, Incoming
from wire.nkeys import nkey_public, nkey_signer

Sink = Callable[[Incoming], None]

CONNECT_SECONDS = 5
PING_SECONDS = 10
_GOODBYE_SECONDS = 2

_log = structlog.get_logger(__name__)


class OneConnection(Client):
    """A NATS connection from its opening to its end; messages go to plain functions, by subscription number."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number
        self.reason = "the connection ended"
        self.complaint = ""
        self._sinks: dict[int, Sink] = {}
        self._ended = asyncio.Event()

    async def open(self, urls: Sequence[str], name: str, seed: bytes | None, tls: ssl.SSLContext | None) -> None:
        """Connect and prove that it works; any exception means that it does not."""
        signer = None
        if seed is not None:
            self._public_nkey = nkey_public(seed)
            self._auth_configured = True
            signer = nkey_signer(seed)
        await self.connect(
            servers=list(urls),
            name=name,
            tls=tls,
            signature_cb=signer,
            allow_reconnect=False,
            max_reconnect_attempts=1,
            reconnect_time_wait=0,
            connect_timeout=CONNECT_SECONDS,
            ping_interval=PING_SECONDS,
            max_outstanding_pings=2,
            error_cb=self._note,
            closed_cb=self._note_end,
        )
        # connect() can return without having been let in, and without an error.
        if not self.is_connected:
            raise BusAway("the server did not confirm the connection")
        await self.flush(CONNECT_SECONDS)

    def listen(self, number: int, subject: str, queue: str, sink: Sink) -> None:
        """Subscribe under a number of the caller's; on a connection that is gone, nothing happens."""
        self._sinks[number] = sink
        with contextlib.suppress(OSError):
            self.send([f"SUB {subject} {queue} {number}\r\n".encode()])

    def unlisten(self, number: int) -> None:
        """Unsubscribe; on a connection that is gone, nothing happens."""
        if self._sinks.pop(number, None):
            with contextlib.suppress(OSError):
                self.send([f"UNSUB {number}\r\n".encode()])

    def send(self, frames: list[bytes]) -> None:
        """Hand bytes to the socket's buffer, of which `drain_out` waits for room; OSError when the socket is closed."""
        if self._transport:
            try:
                self._transport.writelines(frames)
            except RuntimeError as error:  # so uvloop calls a socket that was closed meanwhile
                raise ConnectionResetError(str(error)) from None

    async def drain_out(self) -> None:
        """Wait until the socket's buffer has room; OSError when the connection is gone."""
        if self._transport:
            await self._transport.drain()  # type: ignore[no-untyped-call]

    async def gone(self) -> None:
        """Wait for the end of the connection."""
        while not self._ended.is_set() and not self.is_closed:
            # Looking is needed too: with a full send buffer nats-py may never come to its callback.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(1):
                    await self._ended.wait()

    async def discard(self) -> None:
        """Leave nothing behind: tasks, socket, buffers."""
        with contextlib.suppress(Exception):
            async with asyncio.timeout(_GOODBYE_SECONDS):
                await self.close()
        self._sinks.clear()
        for task in (self._reading_task, self._ping_interval_task, self._flusher_task):
            if task is not None:
                task.cancel()
        writer = getattr(self._transport, "_bare_io_writer", None)
        if writer is not None:
            writer.transport.abort()

    async def _note(self, error: Exception) -> None:
        self.reason = str(error) or type(error).__name__
        _log.debug("bus.trouble", reason=self.reason)

    async def _note_end(self) -> None:
        self._ended.set()

    async def _process_msg(self, sid: int, subject: bytes, reply: bytes, data: bytes, headers: bytes | None) -> None:
        """Take nats-py's place behind its parser: no parsed headers, no queue, no task for each message."""
        sink = self._sinks.get(sid)
        if sink is None:
            return
        try:
            sink(Incoming(subject.decode(), reply.decode(), headers or b"", data, self.number))
        except Exception:  # noqa: BLE001
            # An exception here would end nats-py's reading without ending the connection.
            _log.exception("bus.sink_failed", sid=sid)

    async def _process_pong(self) -> None:
        # A pong for a ping that nobody waits for any more would end nats-py's reading just so.
        if self._pongs and self._pongs[0].done():
            self._pongs[0] = asyncio.get_running_loop().create_future()
        await super()._process_pong()

    async def _process_err(self, text: str) -> None:
        self.reason = self.complaint = text.strip("'")
        _log.warning("bus.server_says", text=self.reason)
        await super()._process_err(text)
