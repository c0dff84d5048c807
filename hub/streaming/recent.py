"""The newest events before or after a place in the log, by a live reader's filters: what a page of the feed shows."""

from typing import Final, NamedTuple

from sqlalchemy import Connection

from hub import tables
from hub.live import BATCH, SPAN, LoggedEvent, Question, in_columns, log_query, logged_event, matches


class Recent(NamedTuple):
    """Events, the newest first. `before` leads to older ones, `after` to newer ones; None where there are none."""

    events: list[LoggedEvent]
    before: int | None
    after: int | None


MOST_LOOKED_THROUGH: Final = SPAN


def recent_events(
    connection: Connection, question: Question, size: int, limit: int, *, before: int | None, after: int | None
) -> Recent:
    """Give up to `limit` events below index `before`, or above `after`; without either the newest of all.

    Looks through a bounded part of the log: where few events match, a page may have less, and still lead on.
    """
    if after is not None:
        events, end = _walk(connection, question, max(0, after + 1), size, limit, newest_first=False)
        events.reverse()
        older = events[-1].index if events else min(after + 1, size)
        return Recent(events, older if older > 0 else None, end - 1 if end < size else None)
    stop = size if before is None else max(0, min(before, size))
    events, end = _walk(connection, question, 0, stop, limit, newest_first=True)
    newer = (events[0].index if events else stop - 1) if stop < size else None
    return Recent(events, end if end > 0 else None, newer)


def _walk(
    connection: Connection, question: Question, start: int, stop: int, limit: int, *, newest_first: bool
) -> tuple[list[LoggedEvent], int]:
    """Go through [start, stop) from one of its ends; gives what was found, and the boundary reached."""
    log = tables.log.c
    span = (max(start, stop - MOST_LOOKED_THROUGH), stop) if newest_first else (start, min(stop, start + SPAN))
    order = log.index.desc() if newest_first else log.index
    found: list[LoggedEvent] = []
    low, high = span
    while low < high:
        query = log_query().where(log.index >= low, log.index < high, *in_columns(question)).order_by(order)
        rows = connection.execute(query.limit(BATCH)).all()
        for row in rows:
            event = logged_event(*row)
            if newest_first:
                high = event.index
            else:
                low = event.index + 1
            if matches(event, question.asked, question.markings):
                found.append(event)
                if len(found) == limit:
                    return found, high if newest_first else low
        if len(rows) < BATCH:
            break
    return found, span[0] if newest_first else span[1]
