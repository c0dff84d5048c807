"""What the grid asks of the database: own records found by words and facets, in an order, a page at a time."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final, NamedTuple

import orjson
from sqlalchemy import Connection, Engine, Select, and_, func, or_, select, tuple_
from sqlalchemy.sql import ColumnElement

from node import tables
from node.store.grid_tables import NEVER, grid, grid_marks
from node.store.writing import Kept, as_kept
from schemas.freshness import NOTICE
from wire.database import reading
from wire.word_search import matching

PAGE: Final = 50
MAX_COUNTED: Final = 1000
_CHUNK: Final = 500
SORTS: Final = ("changed", "title", "kind", "due")
STATES: Final = ("current", "local", "withdrawn")
FRESHNESS: Final = ("confirmed", "due", "overdue")
PROGRESS: Final = ("waiting", "sealed", "logged", "delivered", "refused")


class BadCursor(ValueError):
    """A place in a list that no page of ours names."""


@dataclass(frozen=True)
class Asked:
    """What is looked for; of each facet any one, of the facets all. `theme` is scheme:code, `place` a code."""

    q: str = ""
    kind: tuple[str, ...] = ()
    state: tuple[str, ...] = ()
    marking: tuple[str, ...] = ()
    fresh: tuple[str, ...] = ()
    progress: tuple[str, ...] = ()
    theme: str = ""
    place: str = ""
    sort: str = "changed"
    after: str = ""


class Line(NamedTuple):
    """A record as the grid shows it; `due` is None where it is never to be confirmed."""

    number: int
    kind: str
    id: str
    marking: str
    state: str
    changed: str
    title: str
    due: str | None
    progress: str


class Lines(NamedTuple):
    """A page: `next` leads to what follows, None at the end; `total` counts up to `MAX_COUNTED` and no further."""

    items: list[Line]
    next: str | None
    total: int


class Grid:
    """Never waits for a writer."""

    def __init__(self, engine: Engine) -> None:
        self._engine = reading(engine)

    def page(self, asked: Asked, today: date, limit: int = PAGE) -> Lines:
        """Give a page; BadCursor if `after` is none."""
        with self._engine.connect() as connection:
            found = _found(connection, asked, today)
            counted = select(func.count()).select_from(found.limit(MAX_COUNTED + 1).subquery())
            total = connection.scalar(counted) or 0
            query = _in_order(found, asked.sort, asked.after).limit(limit + 1)
            rows = connection.execute(query).all()
        following = _cursor(asked.sort, rows[limit - 1]) if len(rows) > limit else None
        return Lines([_line(row) for row in rows[:limit]], following, total)

    def addresses(self, asked: Asked, today: date, limit: int) -> list[tuple[str, str]]:
        """Give kind and id of what is found, in its order, at most so many."""
        with self._engine.connect() as connection:
            query = _in_order(_found(connection, asked, today), asked.sort, "").limit(limit)
            return [(row.kind, row.id) for row in connection.execute(query)]

    def records(self, kind: str, ids: Sequence[str]) -> dict[str, Kept]:
        """Give the records of a kind at these ids."""
        table, found = tables.records, dict[str, Kept]()
        with self._engine.connect() as connection:
            for place in range(0, len(ids), _CHUNK):
                query = select(table).where(table.c.kind == kind, table.c.id.in_(ids[place : place + _CHUNK]))
                found |= {row.id: as_kept(row) for row in connection.execute(query)}
        return found

    def counts(self) -> dict[str, dict[str, int]]:
        """Count all records here by state, kind and marking."""
        query = select(grid.c.state, grid.c.kind, grid.c.marking, func.count())
        found: dict[str, dict[str, int]] = {"state": {}, "kind": {}, "marking": {}}
        with self._engine.connect() as connection:
            for state, kind, marking, number in connection.execute(
                query.group_by(grid.c.state, grid.c.kind, grid.c.marking)
            ):
                for name, value in (("state", state), ("kind", kind), ("marking", marking)):
                    found[name][value] = found[name].get(value, 0) + number
        return found

    def themes(self, limit: int = 300) -> list[str]:
        """Give the themes that own records have, as scheme:code."""
        query = select(grid_marks.c.mark).where(grid_marks.c.mark >= "theme:", grid_marks.c.mark < "theme;")
        with self._engine.connect() as connection:
            marks = connection.scalars(query.distinct().order_by(grid_marks.c.mark).limit(limit))
            return [mark.removeprefix("theme:") for mark in marks]


def _found(connection: Connection, asked: Asked, today: date) -> Select[Any]:
    relay, judged, row = tables.relay, tables.judgements, grid.c
    query = (
        select(
            *grid.c, relay.c.logged, relay.c.witnessed, judged.c.severity,
        )
        .select_from(grid)
        .join(relay, relay.c.one == 1)
        .outerjoin(judged, judged.c.sequence == row.sequence)
        .where(row.state.in_(asked.state or STATES[:2]))
    )  # fmt: skip
    for chosen, column in ((asked.kind, row.kind), (asked.marking, row.marking)):
        if chosen:
            query = query.where(column.in_(chosen))
    if asked.fresh:
        query = query.where(or_(*(_fresh(each, today) for each in asked.fresh)))
    if asked.progress:
        query = query.where(or_(*(_in_progress(each) for each in asked.progress)))
    for mark in (f"theme:{asked.theme}" if asked.theme else "", f"place:{asked.place}" if asked.place else ""):
        if mark:
            query = query.where(row.number.in_(select(grid_marks.c.number).where(grid_marks.c.mark == mark)))
    if asked.q:
        words = matching(connection, asked.q, row.number)
        query = query if words is None else query.where(words)
    return query


def _fresh(word: str, today: date) -> ColumnElement[bool]:
    soon, now = (today + NOTICE).isoformat(), today.isoformat()
    if word == "overdue":
        return grid.c.due < now
    return and_(grid.c.due >= now, grid.c.due <= soon) if word == "due" else grid.c.due > soon


def _in_progress(word: str) -> ColumnElement[bool]:
    row, relay, judged = grid.c, tables.relay.c, tables.judgements.c
    conditions = {
        "waiting": and_(row.state != "local", row.sequence.is_(None)),
        "sealed": and_(row.sequence > relay.logged, row.sequence > relay.witnessed),
        "logged": and_(row.sequence <= relay.logged, row.sequence > relay.witnessed),
        "delivered": and_(row.sequence <= relay.witnessed, judged.severity.is_(None)),
        "refused": judged.severity.is_not(None),
    }
    return conditions[word]


_KEYS: Final = {
    "changed": (grid.c.changed, grid.c.number),
    "title": (grid.c.title_key, grid.c.number),
    "kind": (grid.c.kind, grid.c.title_key, grid.c.number),
    "due": (grid.c.due, grid.c.number),
}


def _in_order(query: Select[Any], sort: str, after: str) -> Select[Any]:
    keys = _KEYS[sort]
    newest_first = sort == "changed"
    if after:
        place = tuple_(*keys) < _values(after, keys) if newest_first else tuple_(*keys) > _values(after, keys)
        query = query.where(place)
    return query.order_by(*((key.desc() if newest_first else key) for key in keys))


def _values(after: str, keys: Sequence[ColumnElement[Any]]) -> Any:
    try:
        found = orjson.loads(base64.urlsafe_b64decode(after + "=" * (-len(after) % 4)))
    except (binascii.Error, ValueError):
        raise BadCursor from None
    expected = [str] * (len(keys) - 1) + [int]
    if not isinstance(found, list) or [type(each) for each in found] != expected:
        raise BadCursor
    return tuple_(*found)


def _cursor(sort: str, row: Any) -> str:
    values = orjson.dumps([getattr(row, key.key) for key in _KEYS[sort]])
    return base64.urlsafe_b64encode(values).decode().rstrip("=")


def _line(row: Any) -> Line:
    due = None if row.due == NEVER else row.due
    return Line(row.number, row.kind, row.id, row.marking, row.state, row.changed, row.title, due, _progress(row))


def _progress(row: Any) -> str:
    if row.state == "local":
        return "local"
    if row.severity is not None:
        return "refused"
    if row.sequence is None:
        return "waiting"
    return "delivered" if row.sequence <= row.witnessed else "logged" if row.sequence <= row.logged else "sealed"


def freshness_of(line: Line, today: date) -> str | None:
    """Give how fresh a line's record is, None where that is not asked."""
    if line.due is None:
        return None
    due = date.fromisoformat(line.due)
    return "overdue" if due < today else "due" if due <= today + timedelta(days=NOTICE.days) else "confirmed"
