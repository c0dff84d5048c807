"""A hub whose database is older than its log takes the missing entries back from the bus, exactly as they were.

The stream LOG holds what readers have seen: nothing may be logged in place of it, or there would be two histories.
"""

import re
from collections.abc import AsyncIterator, Awaitable, Callable

import structlog
from sqlalchemy import Engine, select

from hub import tables
from hub.erased_list import ErasedList
from hub.log_checks import LogDamaged
from hub.relog import Copy
from hub.store import store_for
from wire import subjects
from wire.bus import Bus, BusRefused

BATCH = 500
LEFT = "logs-left"
# What hub.cloudevents writes behind the statement's attributes.
_EXTENSIONS = re.compile(rb',"token":"([^"]+)","index":([0-9]+),"lastindex":-?[0-9]+(?:,"data":(.*))?\}', re.DOTALL)

_log = structlog.get_logger()


def copy_in(document: bytes) -> Copy:
    """Take the entry out of a CloudEvent of the stream; LogDamaged if it is none of ours."""
    place = document.find(b',"token":"')
    found = _EXTENSIONS.fullmatch(document, place) if place >= 0 else None
    if found is None:
        raise LogDamaged("the bus holds a message on log.> that is no entry of a log", message=document)
    return Copy(int(found[2]), found[1], found[3])


async def missing_entries(bus: Bus, size: int, erased: ErasedList) -> AsyncIterator[list[Copy]]:
    """Give, in order and in batches, what the stream holds from index `size` on; it ends where the stream has a gap.

    What was erased is on the bus no more: `erased` has its token.
    """
    last = await bus.last_message(subjects.LOG_STREAM)
    if last is None:
        return
    newest = int(last.header(subjects.INDEX_HEADER))
    batch: list[Copy] = []
    for index in range(size, newest + 1):
        try:
            message = await bus.message_at(subjects.LOG_STREAM, last.stream_seq - (newest - index))
        except BusRefused:
            message = None
        token = erased.token_at(index)
        copy = None if message is None else copy_in(message.body)
        if token is not None and (copy is None or copy.index != index):
            copy = Copy(index, token, None)
        if copy is None or copy.index != index:
            _log.warning("log.gap_on_bus", index=index, what="the bus does not hold this entry any more")
            break
        batch.append(copy)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


async def recover(bus: Bus, size: int, relog: Callable[[list[Copy]], Awaitable[None]], erased: ErasedList) -> int:
    """Put back what the bus holds beyond a log of `size` entries; gives how many entries that were."""
    number = 0
    async for batch in missing_entries(bus, size, erased):
        await relog(batch)
        number += len(batch)
        _log.warning("log.recovering", entries=number, what="the database was older than the log on the bus")
    return number


async def leave_former_log(bus: Bus, engine: Engine, number: int) -> None:
    """Once for each log that was lost (`number` so far): take what the bus still has of it off the stream LOG.

    Readers of the stream, and the hub after a restore, find the next log there, from its first entry on.
    """
    cursors = tables.cursors
    with engine.connect() as connection:
        known = connection.scalar(select(cursors.c.position).where(cursors.c.name == LEFT)) or 0
    if known >= number:
        return
    await bus.purge_through(subjects.LOG_STREAM, (await bus.stream_state(subjects.LOG_STREAM)).last)
    with engine.begin() as connection:
        store_for(connection.dialect).write_cursor(connection, LEFT, number)
