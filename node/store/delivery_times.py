"""When this node learnt of each step of a delivery: a row for each step forward, however many events it took along."""

from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, case, delete, func, insert, select, update

from node import tables

SENT, LOGGED, WITNESSED = "sent", "logged", "witnessed"
STEPS: Final = (SENT, LOGGED, WITNESSED)
_CHUNK = 500


class Span(NamedTuple):
    """The events of the chain from `first` to `last` took a step at this time (RFC 3339, this node's clock)."""

    first: int
    last: int
    at: str


class Times(NamedTuple):
    """When one event was first handed to the bus, told to be logged, and proven; None: it was not, or is not known."""

    sent: str | None = None
    logged: str | None = None
    witnessed: str | None = None


def note_reached(connection: Connection, step: str, spans: Sequence[Span]) -> None:
    """Write that events took a step, in the order of the chain; those that had taken it before keep their time."""
    if not spans:
        return
    table = tables.delivery_times
    known = connection.scalar(select(func.max(table.c.last)).where(table.c.step == step)) or 0
    rows = []
    for span in spans:
        if span.last > known:
            rows.append({"step": step, **span._replace(first=max(span.first, known + 1))._asdict()})
            known = span.last
    if rows:
        connection.execute(insert(table), rows)


def forget_reached(connection: Connection, after: int, steps: Sequence[str] = STEPS) -> None:
    """Forget the times of all events after this sequence: they have these steps before them again."""
    table = tables.delivery_times
    which = table.c.step.in_(steps)
    connection.execute(delete(table).where(which, table.c.first > after))
    connection.execute(update(table).where(which, table.c.last > after).values(last=after))


def times_of(connection: Connection, sequences: Iterable[int | None]) -> dict[int, Times]:
    """Give the times of these events, by sequence; costs a search in an index for each event and step."""
    said, wanted = tables.statements, sorted({each for each in sequences if each is not None})
    query = select(said.c.sequence, *(_time(step) for step in STEPS))
    found: dict[int, Times] = {}
    for start in range(0, len(wanted), _CHUNK):
        rows = connection.execute(query.where(said.c.sequence.in_(wanted[start : start + _CHUNK])))
        found |= {row[0]: Times(*row[1:]) for row in rows}
    return found


def _time(step: str) -> Any:
    """The first span that ends at an event or behind it is the only one that can hold it: they do not overlap."""
    said, span = tables.statements.c, tables.delivery_times.alias()
    holds = case((span.c.first <= said.sequence, span.c.at))
    following = select(holds).where(span.c.step == step, span.c.last >= said.sequence).order_by(span.c.last).limit(1)
    return following.correlate(tables.statements).scalar_subquery().label(step)
