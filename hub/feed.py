"""The log on the bus: every entry goes out on log.<marking>.<kind>.<org>, in log order, from where the stream ends.

After an order to erase has gone out, the messages with the erased bodies are removed: whatever was read before the
order, everything that it names is on the stream by then, and nothing behind it has a body any more.
"""

import asyncio
from collections.abc import Sequence

import structlog
from sqlalchemy import Engine, select

from hub import tables
from hub.bus_erasing import BusErasing
from hub.cloudevents import CONTENT_TYPE, cloudevent
from hub.history import Logged, read_log
from hub.tail import Tail
from wire import subjects
from wire.bus import Bus, BusError, Outgoing

MAX_BATCH = 500
MAX_BATCH_BYTES = 3 * 1024 * 1024
RETRY_SECONDS = 1.0

_log = structlog.get_logger()


class Feed:
    """Its cursor is the stream's own last message: after any crash it goes on exactly there, nothing twice."""

    def __init__(self, engine: Engine, bus: Bus, tail: Tail) -> None:
        self._engine = engine
        self._bus = bus
        self._tail = tail
        self._erasing = BusErasing(engine, bus)
        self.position = 0  # the next index to publish

    async def run(self) -> None:
        """Publish until cancelled."""
        while True:
            try:
                await self._publish_from(await self._last_sequence())
            except BusError as error:
                # The outcome of the last batch is not known: the stream is asked again before anything is sent.
                _log.info("feed.waits", reason=str(error), position=self.position)
                await asyncio.sleep(RETRY_SECONDS)

    async def _last_sequence(self) -> int:
        while (last := await self._bus.last_message(subjects.LOG_STREAM)) is None:
            state = await self._bus.stream_state(subjects.LOG_STREAM)
            if not state.messages:
                # Empty, but perhaps not new: what has aged out still counts in the stream's numbers.
                self.position = 0
                return state.last
            # Another feed has begun in this moment: it is asked again where that one is.
        self.position = int(last.header(subjects.INDEX_HEADER)) + 1
        return last.stream_seq

    async def _publish_from(self, sequence: int) -> None:
        while True:
            await self._erasing.remove(self.position)
            await self._tail.wait_beyond(self.position)
            messages = await asyncio.to_thread(self._next_messages)
            stored = await self._bus.publish_batch(messages, expected_last_seq=sequence)
            self.position += len(messages)
            sequence = stored.seq

    def _next_messages(self) -> list[Outgoing]:
        with self._engine.connect() as connection:
            rows = read_log(connection, self.position, limit=MAX_BATCH)
            excluded = set(
                connection.scalars(
                    select(tables.exclusions.c.index).where(
                        tables.exclusions.c.index >= self.position,
                        tables.exclusions.c.index < self.position + MAX_BATCH,
                    )
                )
            )
        return [_message(row, shown=row.index not in excluded) for row in _bounded(rows)]


def _bounded(rows: Sequence[Logged]) -> Sequence[Logged]:
    """As many as fit into one batch, at least one."""
    total = 0
    for count, row in enumerate(rows):
        total += 2 * len(row.token) + len(row.body or b"")
        if total > MAX_BATCH_BYTES and count:
            return rows[:count]
    return rows


def _message(row: Logged, *, shown: bool) -> Outgoing:
    document = cloudevent(row.token, row.index, row.lastindex, row.body if shown else None)
    headers = {"Content-Type": CONTENT_TYPE, subjects.INDEX_HEADER: str(row.index)}
    return Outgoing(subjects.log(row.marking, row.kind, row.organization), document, headers)
