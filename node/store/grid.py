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
from node.store.words import matched
from node.store.writing import Kept, as_kept
from schemas.freshness import NOTICE
from wire.database import reading

PAGE: Final = 50
MAX_COUNTED: Final = 1000
MAX_NUMBER: Final = 2**63
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
            found = _Found(connection, asked, today)
            rows = connection.execute(found.rows(asked.after, limit + 1)).all()
            refused = _refused(connection, [row.sequence for row in rows if row.sequence is not None])
        following = _cursor(asked.sort, rows[limit - 1]) if len(rows) > limit else None
        items = [_line(row, found.relay, refused) for row in rows[:limit]]
        return Lines(items, following, found.total)

    def addresses(self, asked: Asked, today: date, limit: int) -> list[tuple[str, str]]:
        """Give kind and id of what is found, in its order, at most so many."""
        with self._engine.connect() as connection:
            query = _Found(connection, asked, today).rows("", limit)
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
        """Give the themes that own records have, as scheme:code; from one to the next, not over all records."""
        found: list[str] = []
        last = "theme:"
        with self._engine.connect() as connection:
            while len(found) < limit:
                following = select(func.min(grid_marks.c.mark)).where(grid_marks.c.mark > last)
                last = connection.scalar(following) or ""
                if not last.startswith("theme:"):
                    break
                found.append(last.removeprefix("theme:"))
        return found


class _Found:
    """What is found, counted first: few are gathered and then sorted; many are met soon on the way in their order."""

    def __init__(self, connection: Connection, asked: Asked, today: date) -> None:
        self._asked = asked
        self._connection = connection
        self.relay = connection.execute(select(tables.relay.c.logged, tables.relay.c.witnessed)).one()
        self._plain = _conditions(asked, today, self.relay)
        self._words = matched(connection, asked.q) if asked.q else None
        marks = (f"theme:{asked.theme}" if asked.theme else "", f"place:{asked.place}" if asked.place else "")
        self._marks = [mark for mark in marks if mark]
        numbers = list(connection.scalars(self._joined().limit(MAX_COUNTED + 1)))
        self.total = len(numbers)
        self._few = numbers if len(numbers) <= MAX_COUNTED else None

    def _joined(self) -> Select[Any]:
        """Give the numbers, by way of whatever is rare."""
        source: Any = grid
        for mark in self._marks:
            about = grid_marks.alias()
            source = source.join(about, (about.c.number == grid.c.number) & (about.c.mark == mark))
        if self._words is not None:
            words = self._words.subquery()
            source = source.join(words, words.c.number == grid.c.number)
        return select(grid.c.number).select_from(source).where(*self._plain)

    def rows(self, after: str, limit: int) -> Select[Any]:
        """Give the query for rows in their order."""
        query = select(*grid.c)
        if self._few is not None:
            query = query.where(grid.c.number.in_(self._few))
        else:
            query = query.where(*self._plain)
            for mark in self._marks:
                about = grid_marks.alias()
                query = query.where(
                    select(1).where(about.c.mark == mark, about.c.number == grid.c.number).correlate(grid).exists()
                )
            if self._words is not None:
                query = query.where(grid.c.number.in_(self._words))
        return _in_order(query, self._asked.sort, after).limit(limit)


def _conditions(asked: Asked, today: date, relay: Any) -> list[ColumnElement[bool]]:
    row = grid.c
    found: list[ColumnElement[bool]] = [row.state.in_(asked.state or STATES[:2])]
    found += [column.in_(chosen) for chosen, column in ((asked.kind, row.kind), (asked.marking, row.marking)) if chosen]
    if asked.fresh:
        found.append(or_(*(_fresh(each, today) for each in asked.fresh)))
    if asked.progress:
        found.append(or_(*(_in_progress(each, relay) for each in asked.progress)))
    return found


def _refused(connection: Connection, sequences: Sequence[int]) -> set[int]:
    judged = tables.judgements.c.sequence
    return set(connection.scalars(select(judged).where(judged.in_(sequences)))) if sequences else set()


def _fresh(word: str, today: date) -> ColumnElement[bool]:
    soon, now = (today + NOTICE).isoformat(), today.isoformat()
    if word == "overdue":
        return grid.c.due < now
    return and_(grid.c.due >= now, grid.c.due <= soon) if word == "due" else grid.c.due > soon


def _in_progress(word: str, relay: Any) -> ColumnElement[bool]:
    row, judged = grid.c, select(tables.judgements.c.sequence)
    conditions = {
        "waiting": and_(row.state != "local", row.sequence.is_(None)),
        "sealed": and_(row.sequence > relay.logged, row.sequence > relay.witnessed),
        "logged": and_(row.sequence <= relay.logged, row.sequence > relay.witnessed),
        "delivered": and_(row.sequence <= relay.witnessed, row.sequence.not_in(judged)),
        "refused": row.sequence.in_(judged),
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
    if not isinstance(found, list) or [type(each) for each in found] != expected or abs(found[-1]) >= MAX_NUMBER:
        raise BadCursor
    return tuple_(*found)


def _cursor(sort: str, row: Any) -> str:
    values = orjson.dumps([getattr(row, key.key) for key in _KEYS[sort]])
    return base64.urlsafe_b64encode(values).decode().rstrip("=")


def _line(row: Any, relay: Any, refused: set[int]) -> Line:
    due = None if row.due == NEVER else row.due
    word = _progress(row, relay, refused)
    return Line(row.number, row.kind, row.id, row.marking, row.state, row.changed, row.title, due, word)


def _progress(row: Any, relay: Any, refused: set[int]) -> str:
    if row.state == "local":
        return "local"
    if row.sequence is None:
        return "waiting"
    if row.sequence in refused:
        return "refused"
    return "delivered" if row.sequence <= relay.witnessed else "logged" if row.sequence <= relay.logged else "sealed"


def freshness_of(line: Line, today: date) -> str | None:
    """Give how fresh a line's record is, None where that is not asked."""
    if line.due is None:
        return None
    due = date.fromisoformat(line.due)
    return "overdue" if due < today else "due" if due <= today + timedelta(days=NOTICE.days) else "confirmed"
