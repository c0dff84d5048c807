"""Talking over the bus without streams: publish, ask, answer, subscribe."""

import asyncio
import contextlib
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import structlog

from wire.bus_connection import Connection
from wire.bus_message import BusAway, BusRefused, Incoming, NoResponder, Unknown, frame
from wire.bus_subscription import Handler, Subscription

Answerer = Callable[[str, bytes, Mapping[str, str]], Awaitable[bytes]]

_ERROR = "Nats-Service-Error"
_ERROR_CODE = "Nats-Service-Error-Code"

_log = structlog.get_logger(__name__)


class Conversation(Connection):
    """Core NATS: nothing is stored, and what is published while somebody is away does not reach them."""

    def __init__(self, urls: str | Sequence[str], **options: Any) -> None:
        super().__init__(urls, **options)
        self._inbox = f"{self.new_inbox()}."
        self._inbox_listening = 0
        self._waiting: dict[str, asyncio.Future[Incoming]] = {}
        self._last_waiting = 0
        self._answering: set[asyncio.Task[None]] = set()
        self._subscriptions: set[Subscription] = set()

    @property
    def unanswered(self) -> int:
        """How many requests wait for an answer now."""
        return len(self._waiting)

    async def close(self) -> None:
        """End everything; what was under way is unknown."""
        answering = set(self._answering)
        for task in answering:
            task.cancel()
        try:
            for subscription in list(self._subscriptions):
                await subscription.close()
            if answering:
                await asyncio.wait(answering)
        finally:
            await super().close()

    async def publish(
        self, subject: str, payload: bytes, headers: Mapping[str, str] | None = None, *, reply: str = ""
    ) -> None:
        """Send without any confirmation (core NATS)."""
        await self._send([frame(subject, payload, headers or {}, reply)])

    def send_now(self, subject: str, payload: bytes, reply: str = "") -> None:
        """Send without waiting for room; for small messages. BusAway when the connection is gone."""
        try:
            self._require().send([frame(subject, payload, {}, reply)])
        except OSError as error:
            raise BusAway(f"the bus is away ({error})") from None

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
            async with asyncio.timeout(seconds):
                incoming = await future
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
            with contextlib.suppress(OSError):  # whoever asked asks again on the next connection
                self._client.send([frame(incoming.reply, payload, headers)])

    def _lose(self) -> None:
        super()._lose()
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(Unknown("the connection broke before the answer came"))
                future.exception()  # seen: whoever waited may be gone
        self._waiting.clear()
