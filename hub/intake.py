"""The intake: pieces of the stream are examined, judged and committed together; only then are they acknowledged."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from typing import NamedTuple

import structlog

from hub.clock import utc_now
from hub.entries import Read
from hub.examiners import Examiners
from hub.streams import STREAMS
from hub.writer import Committed, Writer
from wire import subjects
from wire.bus import Bus, BusError, BusRefused, Incoming
from wire.bus_pull import Puller
from wire.examine import Message

DURABLE = "hub-intake"
PIECE = 1000  # messages that are pulled and examined together
BATCH = 2000  # messages that one transaction takes while many more are coming
WAIT_SECONDS = 2.0
AHEAD = 3  # pieces that are examined while others are being committed
PURGE_EVERY = 20_000

_log = structlog.get_logger()
Listener = Callable[[Committed], None]


class _Piece(NamedTuple):
    """What was pulled together; `behind` is how many more the stream held then."""

    messages: list[Message]
    last: Incoming
    behind: int
    reading: "asyncio.Task[list[Read]]"


class Intake:
    """Pulls, examines ahead, commits in order, acknowledges, and tells its listeners."""

    def __init__(
        self, bus: Bus, puller: Puller, examiners: Examiners, writer: Writer, thread: ThreadPoolExecutor,
        listeners: Sequence[Listener], prepare: Callable[[], Awaitable[None]],
    ) -> None:  # fmt: skip
        self._bus = bus
        self._puller = puller
        self._examiners = examiners
        self._writer = writer
        self._thread = thread
        self._prepare = prepare
        self._listeners = listeners
        self._ahead: asyncio.Queue[_Piece] = asyncio.Queue(AHEAD)
        self._next: _Piece | None = None  # taken from the queue, but not yet examined when the last batch was closed
        self._purged = 0
        self._to_purge = True  # what was erased just before a stop may still lie there
        self.position = 0  # stream sequence up to which everything is committed
        self.moved = asyncio.Condition()
        self.pulled_at: datetime | None = None  # when the bus last answered, also that nothing is there

    async def run(self) -> None:
        """Take in until cancelled. An error of our own database ends it, and with it the hub."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._pull())
            tasks.create_task(self._commit())

    async def _pull(self) -> None:
        while True:
            try:
                incoming = await self._puller.next(PIECE, WAIT_SECONDS)
            except BusRefused as error:
                _log.warning("intake.stream_gone", reason=str(error), what="the bus lost its store; it is made again")
                await self._prepare()
                continue
            self.pulled_at = utc_now()
            if not incoming:
                continue
            messages = [as_message(message) for message in incoming]
            reading = asyncio.create_task(self._examiners.read(self._writer.packed_keys, messages))
            await self._ahead.put(_Piece(messages, incoming[-1], incoming[-1].pending, reading))

    async def _examined(self) -> list[_Piece]:
        """The next pieces, as many as one transaction takes; at the end of the stream, those that are examined."""
        pieces = [self._next or await self._ahead.get()]
        self._next = None
        await pieces[0].reading
        while sum(len(piece.messages) for piece in pieces) + PIECE <= BATCH and not self._ahead.empty():
            following = self._ahead.get_nowait()
            if following.behind < BATCH and not following.reading.done():
                self._next = following  # nothing is gained by waiting for it: no full batch is coming
                break
            pieces.append(following)
        return pieces

    async def _commit(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            pieces = await self._examined()
            batch = [pair for each in pieces for pair in zip(each.messages, await each.reading, strict=True)]
            last = pieces[-1].last
            commit = partial(self._writer.commit, batch, position=last.stream_seq)
            committed = await loop.run_in_executor(self._thread, commit)
            for listener in self._listeners:
                listener(committed)
            await self._acknowledge(last, erased=bool(committed.outcome.erasures))

    async def _acknowledge(self, last: Incoming, *, erased: bool) -> None:
        await self._puller.ack_through(last)
        self._to_purge = self._to_purge or erased
        try:
            if self._to_purge or last.stream_seq - self._purged >= PURGE_EVERY:
                # The bus carries, it does not keep: what is in the log need not lie there too.
                await self._bus.purge_through(subjects.EVENTS_STREAM, last.stream_seq)
                self._purged, self._to_purge = last.stream_seq, False
        except BusError as error:
            _log.info("intake.not_purged", reason=str(error), what="what is logged stays on the bus a while longer")
        async with self.moved:
            self.position = max(self.position, last.stream_seq)
            self.moved.notify_all()


async def ensure_streams(bus: Bus) -> None:
    """Make the hub's streams, and its reader of events, where they are not there or are another way."""
    for plan in STREAMS:
        await bus.ensure_stream(plan)
    await bus.ensure_pull_consumer(subjects.EVENTS_STREAM, DURABLE)


def as_message(incoming: Incoming) -> Message:
    """Take an event out of its bus message: organization and kind from the subject, the token from its header."""
    parts = incoming.subject.split(".")
    token = incoming.raw_header(subjects.TOKEN_HEADER)
    if not token.isascii():
        token = token.decode("utf-8", "replace").encode()  # no token of ours, but what is kept of it is text
    organization, kind = (parts[1], ".".join(parts[2:])) if len(parts) > 2 else ("", "")
    return Message(organization, kind, token, incoming.body or None)
