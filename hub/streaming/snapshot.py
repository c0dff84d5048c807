"""The log without what later statements have replaced: each record's current event, in the order of the log.

A record that is said anew while it is read leaves the snapshot and comes after it, in the log: nothing is missing, and
nothing comes twice.
"""

from collections.abc import AsyncGenerator, Sequence

from sqlalchemy import Engine, select
from starlette.concurrency import run_in_threadpool

from hub import tables
from hub.live import BATCH, PART_BYTES, LoggedEvent, Question, bounded, logged_event
from hub.queries import conditions


async def current_events(engine: Engine, size: int, question: Question) -> AsyncGenerator[Sequence[LoggedEvent]]:
    """Give the events that are current among the first `size` entries of the log, part by part."""
    position: int | None = 0
    while position is not None:
        found, position = await run_in_threadpool(_look_up, engine, position, size, question)
        if found:
            yield found


def _look_up(engine: Engine, start: int, size: int, question: Question) -> tuple[list[LoggedEvent], int | None]:
    log, names, bodies, records = tables.log.c, tables.organizations, tables.bodies, tables.records.c
    query = (
        select(
            log.index, names.c.organization, log.kind, log.marking, log.lastindex, log.token, bodies.c.body,
        )
        .select_from(tables.records)
        .join(tables.log, log.index == records.index)
        .join(names, names.c.org == records.org)
        .outerjoin(bodies, bodies.c.index == log.index)
        .where(
            records.index >= start, records.index < size,
            # A withdrawal may be said under another marking than the record was.
            records.marking.in_(question.markings), log.marking.in_(question.markings),
        )
        .order_by(records.index)
        .limit(BATCH)
    )  # fmt: skip
    with engine.connect() as connection:
        rows = connection.execute(query.where(*conditions(connection, question.asked)))
        found, whole = bounded((logged_event(*row, None, None, None) for row in rows), PART_BYTES)
    return found, found[-1].index + 1 if found and (not whole or len(found) == BATCH) else None
