"""Erasure on the bus: what readers could still fetch of an erased body is removed from the LOG stream."""

import asyncio

import structlog
from sqlalchemy import Engine, select

from hub import tables
from hub.store import store_for
from wire import subjects
from wire.bus import Bus

CURSOR = "bus-erasures"

_log = structlog.get_logger()


class BusErasing:
    """Its cursor says up to which log index orders are carried out on the bus; doing it twice does no harm."""

    def __init__(self, engine: Engine, bus: Bus) -> None:
        self._engine = engine
        self._bus = bus

    async def remove(self, published: int) -> None:
        """Remove what orders below index `published` name; everything below that index is on the stream, or was."""
        orders = await asyncio.to_thread(self._waiting, published)
        if not orders:
            return
        removed = 0
        for index in await asyncio.to_thread(self._erased, orders):
            removed += await self._remove(index)
        _log.info("bus.erased", messages=removed, orders=len(orders))
        await asyncio.to_thread(self._done, orders[-1] + 1)

    async def _remove(self, index: int) -> int:
        """Entries go out in order, each once: how far an entry lies before the last one tells where it is."""
        last = await self._bus.last_message(subjects.LOG_STREAM)
        if last is None:
            return 0
        behind = int(last.header(subjects.INDEX_HEADER)) - index
        found = await self._bus.message_at(subjects.LOG_STREAM, last.stream_seq - behind) if behind >= 0 else None
        if found is None or found.header(subjects.INDEX_HEADER) != str(index):
            return 0  # too old to be there, or removed before
        return int(await self._bus.remove_message(subjects.LOG_STREAM, found.stream_seq))

    def _waiting(self, published: int) -> list[int]:
        cursors, erasures = tables.cursors.c, tables.erasures.c
        with self._engine.connect() as connection:
            start = connection.scalar(select(cursors.position).where(cursors.name == CURSOR)) or 0
            query = select(erasures.index).where(erasures.index >= start, erasures.index < published)
            return list(connection.scalars(query.order_by(erasures.index)))

    def _erased(self, orders: list[int]) -> list[int]:
        erased = tables.erased.c
        with self._engine.connect() as connection:
            query = select(erased.index).where(erased.ordered_at >= orders[0], erased.ordered_at <= orders[-1])
            return list(connection.scalars(query.order_by(erased.index)))

    def _done(self, position: int) -> None:
        with self._engine.execution_options(reads_only=False).begin() as connection:
            store_for(connection.dialect).write_cursor(connection, CURSOR, position)
