"""The intake: pieces of the stream are examined, judged and committed together; only then are they acknowledged."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial

import structlog

from hub.ahead import Ahead, Piece
from hub.clock import utc_now
from hub.examiners import Examiners
from hub.streams import STREAMS
from hub.writer import Committed, Writer
from wire import subjects
from wire.bus import Bus, BusError, BusRefused, Incoming
from wire.bus_pull import Puller
from wire.examine import Message

DURABLE = "hub-intake"
PIECE = 1000  # messages that are pulled and examined together while many are coming
LEAST = 250  # and at the end of the stream: little is then left to commit when the last of them are examined
BATCH = 2000  # messages that one transaction takes while many are coming: each writes nearly every page of some indexes
AHEAD, AHEAD_BYTES = 4000, 64 * 1024 * 1024  # what is examined, or being examined, while others are being committed
WAIT_SECONDS = 2.0
PURGE_EVERY = 20_000

_log = structlog.get_logger()
Listener = Callable[[Committed], None]


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
        self._ahead = Ahead(AHEAD, AHEAD_BYTES)
        self._purged = 0
        self._to_purge = True  # what was erased just before a stop may still lie there
        self.position = 0  # stream sequence up to which everything is committed
        self.moved = asyncio.Condition()
        self.pulled_at: datetime | None = None  # when the bus last answered, also that nothing is there

    async def run(self) -> None:
        """Take in until cancelled. An error of our own database ends it, and with it the hub."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._pull(tasks))
            tasks.create_task(self._commit())

    async def _pull(self, tasks: asyncio.TaskGroup) -> None:
        most = PIECE
        while True:
            try:
                incoming = await self._puller.next(most, WAIT_SECONDS)
            except BusRefused as error:
                _log.warning("intake.stream_gone", reason=str(error), what="the bus lost its store; it is made again")
                await self._prepare()
                continue
            self.pulled_at = utc_now()
            if not incoming:
                continue
            most = max(LEAST, min(PIECE, incoming[-1].pending // 2))
            messages = [as_message(message) for message in incoming]
            reading = tasks.create_task(self._examiners.read(self._writer.packed_keys, messages))
            size = sum([message.size for message in incoming])
            await self._ahead.put(Piece(messages, incoming[-1], size, incoming[-1].pending, reading))

    async def _commit(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await (await self._ahead.first()).reading
            pieces = await self._ahead.take(BATCH)
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
