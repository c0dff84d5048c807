"""The log without what later statements have replaced: each record's current event, in the order of the log.

A record that is said anew while it is read leaves the snapshot and comes after it, in the log: nothing is missing, and
nothing comes twice.
"""

from collections.abc import AsyncGenerator, Sequence

from sqlalchemy import Engine, select
from starlette.concurrency import run_in_threadpool

from hub import tables
from hub.finding.listing import find, is_needed
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
        chosen = None
        if is_needed(question.asked):
            chosen = find(connection, question.asked, question.markings, start - 1, BATCH)
            query = query.where(records.index.in_(chosen))
        else:
            query = query.where(*conditions(question.asked))
        found, whole = bounded((logged_event(*row, None, None, None) for row in connection.execute(query)), PART_BYTES)
    if not whole or (chosen is None and len(found) == BATCH):
        return found, found[-1].index + 1
    return found, chosen[-1] + 1 if chosen and len(chosen) == BATCH else None
