"""A lasting connection to the bus: it always comes back, and never pretends about what was under way when it broke."""

import asyncio
import contextlib
import secrets
import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from random import uniform
from typing import Self

import structlog

from wire.bus_client import OneConnection, Sink
from wire.bus_message import BusAway, BusRefused, Incoming, NoResponder, Outgoing, Unknown, frame
from wire.bus_subscription import Handler, Subscription

Answerer = Callable[[str, bytes, Mapping[str, str]], Awaitable[bytes]]

FIRST_PAUSE, LONGEST_PAUSE = 0.05, 2.0
_OPEN_SECONDS = 15
_ERROR = "Nats-Service-Error"
_ERROR_CODE = "Nats-Service-Error-Code"

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Listening:
    subject: str
    queue: str
    sink: Sink


class Connection:
    """The connection with its subscriptions and requests; every method that sends raises BusAway when there is none."""

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
        self._number = 0
        self._said: tuple[bool, str] | None = None
        self._listening: dict[int, _Listening] = {}
        self._last_listening = 0
        self._inbox = f"_INBOX.{secrets.token_hex(11)}."
        self._waiting: dict[str, asyncio.Future[Incoming]] = {}
        self._last_waiting = 0
        self._answering: set[asyncio.Task[None]] = set()
        self._subscriptions: set[Subscription] = set()
        self._inbox_listening = 0
        self._task: asyncio.Task[None] | None = None

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
    def unanswered(self) -> int:
        """How many requests wait for an answer now."""
        return len(self._waiting)

    async def wait_connected(self, seconds: float) -> bool:
        """Wait for a connection at most so long; tell whether there is one."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._up.wait(), seconds)
        return self.connected

    async def close(self) -> None:
        """End everything; what was under way is unknown."""
        for subscription in list(self._subscriptions):
            await subscription.close()
        for task in [*self._answering, *([self._task] if self._task else [])]:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def publish(
        self, subject: str, payload: bytes, headers: Mapping[str, str] | None = None, *, reply: str = ""
    ) -> None:
        """Send without any confirmation (core NATS)."""
        await self._send([frame(subject, payload, headers or {}, reply)])

    async def publish_many(self, messages: Sequence[Outgoing]) -> None:
        """Send many at once without any confirmation (core NATS)."""
        await self._send([frame(message.subject, message.body, message.headers) for message in messages])

    def send_now(self, subject: str, payload: bytes, reply: str = "") -> None:
        """Send without waiting for room; for small messages."""
        self._require().send([frame(subject, payload, {}, reply)])

    def new_inbox(self) -> str:
        """A subject that nobody else listens to."""
        return f"_INBOX.{secrets.token_hex(11)}"

    async def request(
        self,
        subject: str,
        payload: bytes = b"",
        *,
        timeout: float,  # noqa: ASYNC109 - after it the outcome is Unknown, which no outer timeout could say
        headers: Mapping[str, str] | None = None,
    ) -> bytes:
        """Ask; give the answer. NoResponder, Unknown after `timeout` seconds, BusRefused when the answerer fails."""
        reply, answer = self._expect()
        try:
            await self._send([frame(subject, payload, headers or {}, reply)])
            incoming = await self._answer_of(answer, timeout, subject)
        finally:
            self._forget(reply)
        if incoming.raw_headers and incoming.header(_ERROR_CODE):
            raise BusRefused(int(incoming.header(_ERROR_CODE)), incoming.header(_ERROR))
        return incoming.body

    async def answer(self, subject: str, answerer: Answerer, *, at_once: int = 64) -> int:
        """Serve a subject: `answerer(subject, payload, headers)` gives the answer; beyond `at_once` it answers *busy*.

        Returns the number to `unlisten` with.
        """

        def take(incoming: Incoming) -> None:
            if len(self._answering) >= at_once:
                self._reply(incoming, b"", {_ERROR: "busy: ask again later", _ERROR_CODE: "503"})
                return
            task = asyncio.create_task(self._serve(incoming, answerer))
            self._answering.add(task)
            task.add_done_callback(self._answering.discard)

        return self.listen(subject, take)

    async def subscribe(
        self,
        subject: str,
        handler: Handler,
        *,
        pending_messages: int = 65_536,
        pending_bytes: int = 64 * 1024 * 1024,
        on_dropped: Callable[[int], None] | None = None,
    ) -> Subscription:
        """Hand all messages of a subject to `handler`, in order; `on_dropped(count)` tells that messages were lost.

        What is published while the connection is away is lost without that call: `on_state` tells of it.
        """

        def forget() -> None:
            self.unlisten(number)
            self._subscriptions.discard(subscription)

        subscription = Subscription(
            subject,
            handler,
            pending_messages=pending_messages,
            pending_bytes=pending_bytes,
            on_dropped=on_dropped,
            on_close=forget,
        )
        self._subscriptions.add(subscription)
        number = self.listen(subject, subscription.take)
        await self.confirm()
        return subscription

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
            raise BusAway(f"the bus is away ({self._said[1] if self._said else 'not connected yet'})")
        return self._client

    async def _send(self, frames: list[bytes]) -> None:
        client = self._require()
        client.send(frames)
        try:
            await client.drain_out()
        except OSError as error:
            raise Unknown(f"the connection broke while sending: {error}") from None

    def _expect(self) -> tuple[str, asyncio.Future[Incoming]]:
        if not self._inbox_listening:  # only now: the public user asks nothing and may not listen to answers
            self._inbox_listening = self.listen(self._inbox + "*", self._take_answer)
        self._last_waiting += 1
        reply = f"{self._inbox}{self._last_waiting}"
        future: asyncio.Future[Incoming] = asyncio.get_running_loop().create_future()
        self._waiting[reply] = future
        return reply, future

    def _forget(self, reply: str) -> None:
        future = self._waiting.pop(reply, None)
        if future is not None:
            future.cancel()

    def _take_answer(self, incoming: Incoming) -> None:
        future = self._waiting.get(incoming.subject)
        if future is not None and not future.done():
            future.set_result(incoming)

    async def _answer_of(self, future: asyncio.Future[Incoming], seconds: float, subject: str) -> Incoming:
        try:
            incoming = await asyncio.wait_for(future, seconds)
        except TimeoutError:
            raise Unknown(f"no answer from {subject} within {seconds:g} s") from None
        if incoming.raw_headers and incoming.status == 503:
            raise NoResponder(f"nobody answers {subject}")
        return incoming

    async def _serve(self, incoming: Incoming, answerer: Answerer) -> None:
        try:
            self._reply(incoming, await answerer(incoming.subject, incoming.body, incoming.headers), {})
        except Exception:  # noqa: BLE001 - one failed answer must not silence the subject
            _log.exception("bus.answer_failed", subject=incoming.subject)
            self._reply(incoming, b"", {_ERROR: "the answerer failed; its log says why", _ERROR_CODE: "500"})

    def _reply(self, incoming: Incoming, payload: bytes, headers: Mapping[str, str]) -> None:
        if incoming.reply and self._client:
            self._client.send([frame(incoming.reply, payload, headers)])

    async def _run(self) -> None:
        pause = FIRST_PAUSE
        number = 0
        try:
            while True:
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
                self._say(connected=False, reason=reason)
                await asyncio.sleep(pause * uniform(0.5, 1))  # noqa: S311 - spreads reconnections, hides nothing
                pause = min(pause * 2, LONGEST_PAUSE)
        finally:
            self._say(connected=False, reason="closed")

    async def _open(self, client: OneConnection) -> None:
        await asyncio.wait_for(client.open(self._urls, self._name, self._seed, self._tls), _OPEN_SECONDS)
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
        self._say(connected=True, reason="connected")

    def _lose(self) -> None:
        self._client = None
        self._up.clear()
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(Unknown("the connection broke before the answer came"))
                future.exception()  # seen: whoever waited may be gone
        self._waiting.clear()

    def _say(self, *, connected: bool, reason: str) -> None:
        if (connected, reason) == self._said:
            return
        self._said = (connected, reason)
        _log.info("bus.state", connected=connected, reason=reason)
        if self._on_state:
            self._on_state(connected, reason)
