"""A lasting connection to the bus: it always comes back, and never pretends about what was under way when it broke."""

import asyncio
import contextlib
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import uniform
from typing import Self

import structlog

from wire.bus_client import OneConnection, Sink
from wire.bus_message import BusAway, Unknown
from wire.bus_refusal import refuses_key

FIRST_PAUSE, LONGEST_PAUSE = 0.05, 2.0
_OPEN_SECONDS = 15

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Listening:
    subject: str
    queue: str
    sink: Sink


class Connection:
    """The connection and who listens on it; every method that sends raises BusAway when there is none now."""

    def __init__(
        self,
        urls: str | Sequence[str],
        *,
        name: str,
        seed: bytes | None = None,
        tls: ssl.SSLContext | None = None,
        on_state: Callable[[bool, str], None] | None = None,
    ) -> None:
        self._urls = [urls] if isinstance(urls, str) else list(urls)
        self._name, self._seed, self._tls, self._on_state = name, seed, tls, on_state
        self._client: OneConnection | None = None
        self._up = asyncio.Event()
        self._answered = asyncio.Event()  # let in, or the key refused
        self._number = 0
        self._said: tuple[bool, str] | None = None
        self._listening: dict[int, _Listening] = {}
        self._last_listening = 0
        self._task: asyncio.Task[None] | None = None
        self._closing = False

    @classmethod
    async def connect(
        cls,
        urls: str | Sequence[str],
        *,
        name: str,
        seed: bytes | None = None,
        tls: ssl.SSLContext | None = None,
        on_state: Callable[[bool, str], None] | None = None,
        wait: float | None = 5.0,
    ) -> Self:
        """Start connecting and wait up to `wait` seconds (None: not at all); it goes on trying in the background.

        `seed` is the NKey seed (none: the public user). `on_state(connected, reason)` is called at every change.
        """
        bus = cls(urls, name=name, seed=seed, tls=tls, on_state=on_state)
        bus._task = asyncio.create_task(bus._run(), name=f"bus {name}")
        if wait:
            await bus.wait_connected(wait)
        return bus

    @property
    def connected(self) -> bool:
        """Whether there is a connection now, confirmed by the server."""
        return self._client is not None

    @property
    def epoch(self) -> int:
        """The number of the present connection, larger for each one; 0 while there is none."""
        return self._client.number if self._client else 0

    @property
    def complaint(self) -> str:
        """What the server last said against the present connection, such as that a subject is not allowed; or empty."""
        return self._client.complaint if self._client else ""

    async def wait_connected(self, seconds: float) -> bool:
        """Wait for a connection at most so long; tell whether there is one."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._up.wait()
        return self.connected

    @property
    def reason(self) -> str:
        """Why there is no connection, in the server's words where it gave some."""
        return "not connected yet" if self._said is None else self._said[1]

    @property
    def refused(self) -> bool:
        """Whether the server did not accept the key when it was tried last."""
        return not self.connected and refuses_key(self.reason)

    async def wait_let_in(self, seconds: float) -> bool:
        """Wait for a connection, and no longer once the server has refused the key; tell whether there is one."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._answered.wait()
        return self.connected

    async def close(self) -> None:
        """End the connection for good; what was under way is unknown."""
        self._closing = True
        while self._task and not self._task.done():
            # nats-py may swallow a cancellation (it waits by wait_for, which loses some): then it is said again.
            self._task.cancel()
            await asyncio.wait({self._task}, timeout=1)

    def listen(self, subject: str, sink: Sink, *, queue: str = "") -> int:
        """Give every message of a subject to a plain function, now and after each reconnection; returns its number."""
        self._last_listening += 1
        self._listening[self._last_listening] = _Listening(subject, queue, sink)
        if self._client:
            self._client.listen(self._last_listening, subject, queue, sink)
        return self._last_listening

    def unlisten(self, number: int) -> None:
        """End what `listen` or `answer` began."""
        self._listening.pop(number, None)
        if self._client:
            self._client.unlisten(number)

    async def confirm(self, seconds: int = 5) -> bool:
        """Wait until the server has processed all that was sent; False when it is away."""
        client = self._client
        if client is None:
            return False
        try:
            await client.flush(seconds)
        except Exception as error:  # noqa: BLE001 - whatever nats-py raises here, the answer is no
            _log.debug("bus.not_confirmed", reason=str(error))
            return False
        return True

    def _require(self) -> OneConnection:
        if self._client is None:
            raise BusAway(f"the bus is away ({self.reason})")
        return self._client

    async def _send(self, frames: list[bytes]) -> None:
        client = self._require()
        try:
            client.send(frames)
            await client.drain_out()
        except OSError as error:
            raise Unknown(f"the connection broke while sending: {error}") from None

    async def _run(self) -> None:
        pause = FIRST_PAUSE
        number = 0
        try:
            while not self._closing:
                number += 1
                client = OneConnection(number)
                try:
                    await self._open(client)
                    pause = FIRST_PAUSE
                    await client.gone()
                    reason = client.reason
                except Exception as error:  # noqa: BLE001 - nothing that nats-py raises may end the trying
                    reason = client.reason if str(error) == "" else str(error)
                finally:
                    self._lose()
                    await client.discard()
                if self._closing:
                    return
                self._say(connected=False, reason=reason)
                if self.refused:
                    self._answered.set()
                await asyncio.sleep(pause * uniform(0.5, 1))  # noqa: S311 - spreads reconnections, hides nothing
                pause = min(pause * 2, LONGEST_PAUSE)
        finally:
            self._say(connected=False, reason="closed")

    async def _open(self, client: OneConnection) -> None:
        async with asyncio.timeout(_OPEN_SECONDS):
            await client.open(self._urls, self._name, self._seed, self._tls)
        known: dict[int, _Listening] = {}
        while known != self._listening:  # somebody may listen, or stop, while the server confirms
            for number in known.keys() - self._listening.keys():
                client.unlisten(number)
            for number in self._listening.keys() - known.keys():
                entry = self._listening[number]
                client.listen(number, entry.subject, entry.queue, entry.sink)
            known = dict(self._listening)
            await client.flush(5)
        self._client = client
        self._up.set()
        self._answered.set()
        self._say(connected=True, reason="connected")

    def _lose(self) -> None:
        self._client = None
        self._up.clear()
        self._answered.clear()

    def _say(self, *, connected: bool, reason: str) -> None:
        if (connected, reason) == self._said:
            return
        self._said = (connected, reason)
        _log.info("bus.state", connected=connected, reason=reason)
        if self._on_state:
            self._on_state(connected, reason)
