"""The relay: it moves the outbox onto the bus, in order, and sends again until a receipt says that it is logged."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any, Protocol, TypeVar

import structlog

from node.progress import EXEMPT, Alarmed, Progress
from node.receipts import ReceiptBook
from node.store import Outbox, Waiting
from node.store.delivery_times import Span
from schemas.sentences import gettext_noop as N_
from wire import subjects
from wire.bus import MESSAGE_ID, BatchRefused, BusAway, BusError, Incoming, NoResponder, Outgoing, Stored, Unknown
from wire.encoding import b64url
from wire.enrolment import Admission
from wire.jwe import CONTENT_TYPE as ENCRYPTED
from wire.jwe import looks_encrypted
from wire.keys import PublicKey, SigningKey
from wire.receipts import Head, Receipt, sign_head
from wire.seal import timestamp

SOFTWARE = "liaison-node 0.1.0"
BATCH, BATCH_BYTES = 500, 3_000_000
HEAD_SECONDS = 30.0
POLL_SECONDS = 0.1  # how soon an edit by another process is noticed
ASK_SECONDS = 25.0
FIRST_ASK_SECONDS = 5.0
PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.2, 15.0

_log = structlog.get_logger()
_T = TypeVar("_T")


class Carrier(Protocol):
    """What the relay needs of the bus."""

    @property
    def connected(self) -> bool:
        """Whether there is a connection now."""

    @property
    def epoch(self) -> int:
        """The number of the connection; 0 while there is none."""

    async def wait_connected(self, seconds: float) -> bool:
        """Wait for a connection."""

    async def publish(self, subject: str, payload: bytes) -> None:
        """Send without confirmation."""

    async def publish_batch(self, messages: Sequence[Outgoing]) -> Stored:
        """Store all or none."""

    async def publish_pipelined(self, messages: Sequence[Outgoing]) -> list[Stored]:
        """Store one by one."""

    async def request(self, subject: str, payload: bytes = b"", *, timeout: float) -> bytes:  # noqa: ASYNC109
        """Ask."""

    async def subscribe(self, subject: str, handler: Callable[[Incoming], Awaitable[None]]) -> Any:
        """Listen."""


class Publisher:
    """Runs until cancelled. It trusts receipts only: what the bus confirms is flow control."""

    def __init__(
        self,
        admission: Admission,
        key: Callable[[], SigningKey],
        outbox: Outbox,
        bus: Carrier,
        *,
        mend: Callable[[], int] = lambda: 0,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], datetime] = lambda: datetime.now(UTC),
        received: Callable[[Receipt], None] = lambda _receipt: None,
        hub_key: Callable[[], PublicKey] | None = None,
    ) -> None:
        self._admission = admission
        self._organization = admission.organization
        self._key = key
        self._outbox = outbox
        self._bus = bus
        self._mend = mend  # seals anew what was refused because its key was replaced
        self._clock = clock
        self._wall = wall
        self._received = received
        self._thread = ThreadPoolExecutor(1, "outbox")
        self._edited = asyncio.Event()
        self._alarmed = asyncio.Event()
        self._trouble: str | None = None
        self._since = int(wall().timestamp() * 1000)  # tells the rewinds of this run from those of others
        self.progress = Progress(outbox.relay().logged)
        self._book = ReceiptBook(admission, outbox, self.progress, wall, hub_key or (lambda: admission.hub_key))
        if outbox.alarmed():
            self._alarmed.set()

    def notice(self) -> None:
        """Look into the outbox at once, as after an edit in this process."""
        self._edited.set()

    async def run(self) -> None:
        """Send, listen and announce heads until cancelled; after an alarm it only announces heads."""
        await self._bus.subscribe(subjects.receipts(self._organization), self._receipt)
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._announce())
                tasks.create_task(self._send_all())
                tasks.create_task(self._watch())
        finally:
            self._thread.shutdown(wait=True)

    async def _send_all(self) -> None:
        if await self._bus.wait_connected(FIRST_ASK_SECONDS):
            await self._ask(FIRST_ASK_SECONDS)
        pause = PAUSE_SECONDS
        while not self._alarmed.is_set():
            number = self.progress.round
            room = self.progress.room(self._clock())
            if not room and self._bus.connected:
                room = await self._in_thread(self._exempt)
            events = await self._in_thread(self._next, room) if room and self._bus.connected else []
            if not events:
                await self._rest()
                continue
            span = Span(events[0].sequence, events[-1].sequence, timestamp(self._wall()))
            try:
                await self._send(events, number)
            except BusError as error:
                await self._say_trouble(error)
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE_SECONDS) if self._bus.connected else PAUSE_SECONDS
                continue
            pause = PAUSE_SECONDS
            # In the thread of the receipts: a rewind between reading and writing would be lost.
            await self._in_thread(self._offered, span, number)
            await self._no_trouble()

    def _exempt(self) -> int:
        """Where the hub takes nothing else, a rotation still goes out (and, while suspended, an order to erase)."""
        first = self._outbox.after(self.progress.logged, 1, 0)
        return int(bool(first) and first[0].action in EXEMPT and self.progress.exempt(first[0].action, self._clock()))

    def _next(self, room: int) -> list[Waiting]:
        events = self._outbox.after(self.progress.sent, min(room, BATCH), BATCH_BYTES)
        self.progress.trying(events[-1].sequence if events else 0)
        return events

    def _offered(self, span: Span, begun_in: int) -> None:
        self.progress.offered(span.last, self._clock(), begun_in=begun_in)
        self._book.handed(span)

    async def _send(self, events: Sequence[Waiting], number: int) -> None:
        messages = [self._message(event, number) for event in events]
        try:
            await self._bus.publish_batch(messages)
        except BatchRefused as refused:
            if not refused.duplicate:
                raise
            # Some of it is on the bus already; one by one, the bus sorts out which.
            await self._bus.publish_pipelined(messages)

    def _message(self, event: Waiting, number: int) -> Outgoing:
        name = b64url(event.hash)
        if number and event.sequence <= self.progress.asked_again:
            # The hub asks for it again. Under its old name the bus would drop it as a double, for minutes.
            name += f".{self._since}.{number}"
        headers = {
            subjects.TOKEN_HEADER: event.token.decode(),
            MESSAGE_ID: name,
            "Content-Type": ENCRYPTED if looks_encrypted(event.body or b"") else "application/json",
        }
        return Outgoing(subjects.events(self._organization, event.kind), event.body or b"", headers)

    async def _rest(self) -> None:
        if not self._bus.connected:
            await self._bus.wait_connected(1.0)
            return
        self._edited.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(POLL_SECONDS):
                await self._edited.wait()

    async def _receipt(self, incoming: Incoming) -> None:
        await self._enter(incoming.body, answer=False)

    async def _enter(self, token: bytes, *, answer: bool) -> None:
        try:
            again = await self._in_thread(lambda: self._book.enter(token, self._clock(), answer=answer))
        except Alarmed:
            self._alarmed.set()
            return
        if self._book.receipt is not None:
            self._received(self._book.receipt)
        if again:
            _log.info("outbox.rewound", next=self.progress.sent + 1)
        self._edited.set()

    async def _watch(self) -> None:
        """Ask the hub where it stands when nothing is heard of what was sent, or no proof came of what is logged."""
        while True:
            await asyncio.sleep(1.0)
            await self._in_thread(self._book.write_handed)
            if self.progress.holding is not None:
                mended = await self._in_thread(self._mend)
                if mended:
                    _log.info("outbox.sealed_anew", statements=mended, what="the hub refused them: their key ended")
                    self.progress.try_again(self._clock())
            if not self._bus.connected:
                continue
            if self.progress.stalled(self._clock()) or await self._in_thread(self._unproven):
                await self._ask(ASK_SECONDS)

    def _unproven(self) -> bool:
        return self.progress.unproven(self._outbox.relay().witnessed, self._clock())

    async def _ask(self, seconds: float) -> None:
        try:
            answer = await self._bus.request(subjects.ask(self._organization, "head"), timeout=seconds)
        except BusError as error:
            _log.info("hub.silent", reason=str(error))
            return
        await self._enter(answer, answer=True)

    async def _announce(self) -> None:
        """Say how far the chain goes: on each new connection, and every 30 s, also when idle."""
        while True:
            epoch = self._bus.epoch
            if epoch:
                sequence, digest = await self._in_thread(self._outbox.head)
                head = Head(
                    network=self._admission.trust.network,
                    organization=self._organization,
                    sequence=sequence,
                    hash=b64url(digest),
                    software=SOFTWARE,
                    clock=timestamp(self._wall()),
                )
                with contextlib.suppress(BusError):
                    key = await self._in_thread(self._key)
                    await self._bus.publish(subjects.heads(self._organization), sign_head(head, key))
            until = self._clock() + HEAD_SECONDS
            while self._clock() < until and (self._bus.epoch == epoch or not self._bus.epoch):
                if not epoch and self._bus.epoch:
                    break
                await asyncio.sleep(0.2)

    async def _say_trouble(self, error: BusError) -> None:
        if isinstance(error, BusAway | Unknown):
            return  # the state of the connection says it
        text = N_("the hub does not take events now") if isinstance(error, NoResponder) else str(error)
        if text != self._trouble:
            _log.warning("outbox.waits", reason=str(error))
            self._trouble = text
            await self._in_thread(lambda: self._outbox.note(trouble=text))

    async def _no_trouble(self) -> None:
        if self._trouble is not None:
            self._trouble = None
            await self._in_thread(lambda: self._outbox.note(trouble=None))

    async def _in_thread(self, work: Callable[..., _T], *arguments: Any) -> _T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, *arguments)
