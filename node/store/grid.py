"""What the grid asks of the database: own records found by words and facets, in an order, a page at a time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, Engine, FromClause, Select, and_, func, or_, select, tuple_
from sqlalchemy.sql import ColumnElement

from node import tables
from node.store.grid_counts import FACETS, Group, facet_counts, groups_of
from node.store.grid_cursor import make_cursor, read_cursor
from node.store.grid_tables import NEVER, grid, grid_marks, unindexed
from node.store.words import matched
from node.store.writing import Kept, as_kept
from schemas.freshness import NOTICE
from wire.database import reading

PAGE: Final = 50
MAX_COUNTED: Final = 1000
MAX_NEAR: Final = 5000  # numbers that words, theme and place find are asked for once if they are no more than these
MAX_FACETED: Final = 20_000  # of what words, theme and place find, so many are counted by facet
_CHUNK: Final = 500
SORTS: Final = ("changed", "title", "kind", "due")
STATES: Final = ("current", "local", "withdrawn")
FRESHNESS: Final = ("confirmed", "due", "overdue")
PROGRESS: Final = ("waiting", "sealed", "logged", "delivered", "refused")


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
    """A page: `next` leads to what follows, None at the end; `total` counts up to `MAX_COUNTED` and no further.

    `counts` say, by facet and choice, how many records there are under the other filters; `at_least`: words or marks
    find so many that not all were counted.
    """

    items: list[Line]
    next: str | None
    total: int
    counts: dict[str, dict[str, int]]
    at_least: bool


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
            counts, at_least = found.counts(), found.dense
        following = None
        if len(rows) > limit:
            following = make_cursor([getattr(rows[limit - 1], key.key) for key in _KEYS[asked.sort]])
        items = [_line(row, found.relay, refused) for row in rows[:limit]]
        return Lines(items, following, found.total, counts, at_least)

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
        self._today = today
        self._connection = connection
        self.relay = connection.execute(select(tables.relay.c.logged, tables.relay.c.witnessed)).one()
        self._words = matched(connection, asked.q) if asked.q else None
        marks = (f"theme:{asked.theme}" if asked.theme else "", f"place:{asked.place}" if asked.place else "")
        self._marks = [mark for mark in marks if mark]
        filtered = bool(self._marks) or self._words is not None
        # Words and marks lead: a database that asks them of every record of a kind takes a thousand times longer.
        self._plain = _conditions(asked, today, self.relay, unindexed if filtered else lambda column: column)
        self._near = self._at_most(MAX_NEAR, self._numbers()) if filtered else None
        near = self._numbers() if self._near is None else select(grid.c.number).where(grid.c.number.in_(self._near))
        self._few = self._at_most(MAX_COUNTED, near.where(*self._plain))
        self.total = MAX_COUNTED + 1 if self._few is None else len(self._few)

    def _at_most(self, number: int, query: Select[Any]) -> list[int] | None:
        """Give the numbers if they are not too many."""
        numbers = list(self._connection.scalars(query.limit(number + 1)))
        return numbers if len(numbers) <= number else None

    def _numbers(self) -> Select[Any]:
        """Give the numbers that words and marks find, by way of whatever is rare."""
        return select(grid.c.number).select_from(self._source())

    def _source(self) -> FromClause:
        source: FromClause = grid
        for mark in self._marks:
            about = grid_marks.alias()
            source = source.join(about, (about.c.number == grid.c.number) & (about.c.mark == mark))
        if self._words is not None:
            words = self._words.subquery()
            source = source.join(words, words.c.number == grid.c.number)
        return source

    @cached_property
    def _groups(self) -> list[Group]:
        source: FromClause = grid
        if self._near is not None:
            return groups_of(self._connection, grid, self._today, self.relay, grid.c.number.in_(self._near))
        if self._marks or self._words is not None:
            some = self._numbers().limit(MAX_FACETED).subquery()
            source = grid.join(some, some.c.number == grid.c.number)
        return groups_of(self._connection, source, self._today, self.relay)

    @cached_property
    def dense(self) -> bool:
        """Whether words and marks find more than are counted by facets."""
        filtered = bool(self._marks) or self._words is not None
        return filtered and sum(each.number for each in self._groups) >= MAX_FACETED

    def counts(self) -> dict[str, dict[str, int]]:
        """Count under each choice of each facet."""
        states = self._asked.state or STATES[:2]
        return facet_counts(self._groups, {each: getattr(self._asked, each) for each in FACETS} | {"state": states})

    def rows(self, after: str, limit: int) -> Select[Any]:
        """Give the query for rows in their order."""
        query = select(*grid.c)
        if self._few is not None:
            query = query.where(grid.c.number.in_(self._few))
        elif self._near is not None:
            query = query.where(grid.c.number.in_(self._near), *self._plain)
        else:
            # Without a reason to go by way of another index, the database goes along that of the order.
            query = query.where(*_conditions(self._asked, self._today, self.relay, _off_order(self._asked.sort)))
            for mark in self._marks:
                about = grid_marks.alias()
                query = query.where(
                    select(1).where(about.c.mark == mark, about.c.number == grid.c.number).correlate(grid).exists()
                )
            if self._words is not None:
                query = query.where(grid.c.number.in_(self._words))
        return _in_order(query, self._asked.sort, after).limit(limit)


def _off_order(sort: str) -> Callable[[ColumnElement[str]], ColumnElement[str]]:
    """Give what keeps a column from being looked up by an index, where the order does not begin with it."""
    return lambda column: column if column is _KEYS[sort][0] else unindexed(column)


def _conditions(
    asked: Asked, today: date, relay: Any, seen: Callable[[ColumnElement[str]], ColumnElement[str]] = lambda each: each
) -> list[ColumnElement[bool]]:
    row = grid.c
    state, kind, marking, due = (seen(each) for each in (row.state, row.kind, row.marking, row.due))
    found: list[ColumnElement[bool]] = [state.in_(asked.state or STATES[:2])]
    found += [column.in_(chosen) for chosen, column in ((asked.kind, kind), (asked.marking, marking)) if chosen]
    if asked.fresh:
        found.append(or_(*(_fresh(due, each, today) for each in asked.fresh)))
    if asked.progress:
        found.append(or_(*(_in_progress(each, relay) for each in asked.progress)))
    return found


def _refused(connection: Connection, sequences: Sequence[int]) -> set[int]:
    judged = tables.judgements.c.sequence
    return set(connection.scalars(select(judged).where(judged.in_(sequences)))) if sequences else set()


def _fresh(due: ColumnElement[str], word: str, today: date) -> ColumnElement[bool]:
    soon, now = (today + NOTICE).isoformat(), today.isoformat()
    if word == "overdue":
        return due < now
    return and_(due >= now, due <= soon) if word == "due" else due > soon


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
        place = tuple_(*read_cursor(after, len(keys)))
        query = query.where(tuple_(*keys) < place if newest_first else tuple_(*keys) > place)
    return query.order_by(*((key.desc() if newest_first else key) for key in keys))


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
