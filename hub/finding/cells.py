"""The cells of the matrix for each audience: judged anew where something has changed, read as they were judged."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Connection, Engine, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from hub import tables
from hub.access import VISIBLE
from hub.coverage import ACTIVITY, JOINT, NEED, OFFER
from hub.finding import tables as kept
from hub.matrix import Cell, CellKey, Line, State, cells_of
from schemas.codelists import is_country
from wire.database import is_sqlite, reading

# How many markings an audience sees tells which it is, as each sees all that the one before sees.
AUDIENCES: Final = {len(markings): markings for markings in VISIBLE.values()}
VERSION, EMPTIED = "cells", "cells-emptied"  # cursors
PLACES_AT_ONCE: Final = 20
_IN: Final = 400


class Judged(NamedTuple):
    """A cell as it was judged. A need is for one place, so that needs may be added up; the others are to be joined."""

    needs: int
    ratings_below: int
    state: State
    providers: frozenset[str]
    offers: frozenset[str]

    @property
    def is_empty(self) -> bool:
        """Whether nothing is in it."""
        return not (self.needs or self.ratings_below or self.providers)


class Cells(NamedTuple):
    """Cells by place and code, and who covers regions, by region and code."""

    cells: dict[CellKey, Judged]
    regional: dict[CellKey, frozenset[str]]


def judge_stale(engine: Engine, scheme: str, places: Iterable[str] | None, codes: Iterable[str] | None) -> bool:
    """Judge some of the cells anew that have changed, of one scheme or of some places and codes in it; false if none.

    The caller sees to it that nobody else folds meanwhile.
    """
    with reading(engine).connect() as connection:
        erased = _erased(connection)
        keys = _stale(connection, scheme, places, codes)
        if not keys:
            return False
        rows = _judge(connection, scheme, keys)
    with engine.begin() as connection:
        if _erased(connection) == erased:  # else what was read may be what was erased: it is read again
            _write(connection, scheme, keys, rows)
    return True


def version(connection: Connection) -> int:
    """Give a number that grows whenever cells are judged."""
    return _cursor(connection, VERSION)


def emptied(connection: Connection) -> int:
    """Give the version at which all cells were forgotten: what was read before it is worth nothing."""
    return _cursor(connection, EMPTIED)


def forget(connection: Connection) -> None:
    """Forget all cells."""
    number = version(connection) + 1
    connection.execute(delete(kept.matrix_cells))
    connection.execute(delete(kept.stale_cells))
    _set_cursor(connection, VERSION, number)
    _set_cursor(connection, EMPTIED, number)


def read_cells(connection: Connection, scheme: str, markings: Sequence[str], after: int = -1) -> Cells:
    """Give the cells of one scheme as an audience sees them that were judged after a version, empty ones as well."""
    table = kept.matrix_cells.c
    query = select(
        table.place, table.code, table.needs, table.ratings_below, table.state, table.providers, table.offers,
        table.regional,
    ).where(table.audience == len(markings), table.scheme == scheme, table.changed > after)  # fmt: skip
    cells, regional = {}, {}
    for place, code, needs, ratings, state, providers, offers, region in connection.execute(query):
        if is_country(place):
            cells[place, code] = Judged(needs, ratings, State(state), _parts(providers, "\n"), _parts(offers, " "))
        else:
            regional[place, code] = _parts(region, "\n")
            covers = (_parts(providers, "\n"), _parts(offers, " ")) if needs or ratings else (frozenset(), frozenset())
            cells[place, code] = Judged(needs, ratings, State(state), *covers)
    return Cells(cells, regional)


def judged(cell: Cell) -> Judged:
    """Give a cell in the form in which it is kept."""
    providers, offers = frozenset(cell.providers), frozenset(str(number) for number in cell.offers)
    return Judged(len(cell.open_needs), cell.ratings_below, cell.state, providers, offers)


def _parts(text: str, mark: str) -> frozenset[str]:
    return frozenset(text.split(mark)) if text else frozenset()


def _within(table: Any, places: Iterable[str] | None, codes: Iterable[str] | None) -> Iterator[ColumnElement[bool]]:
    if places is not None:
        yield table.place.in_(sorted(places))
    if codes is not None:
        yield table.code.in_(sorted(codes))


def _stale(
    connection: Connection, scheme: str, places: Iterable[str] | None, codes: Iterable[str] | None
) -> dict[str, list[str]]:
    """Give codes by place, of a few places."""
    table = kept.stale_cells.c
    wanted = (table.scheme == scheme, *_within(table, places, codes))
    some = select(table.place).where(*wanted).distinct().order_by(table.place).limit(PLACES_AT_ONCE)
    found: dict[str, list[str]] = defaultdict(list)
    for place, code in connection.execute(select(table.place, table.code).where(*wanted, table.place.in_(some))):
        found[place].append(code)
    return found


def _judge(connection: Connection, scheme: str, keys: Mapping[str, list[str]]) -> list[dict[str, Any]]:
    lines = [line for place, codes in keys.items() for line in _lines_of(connection, scheme, place, codes)]
    needs = {f"need/{line.org}/{line.id}" for _, line in lines if line.role == NEED}
    lines += answering_lines(connection, sorted(needs))
    lines += lines_where(connection, tables.records.c.kind == "link", tables.coverage.c.role == JOINT)
    wanted = {(place, code) for place, codes in keys.items() for code in codes}
    rows = []
    for audience, markings in AUDIENCES.items():
        seen = [line for marking, line in lines if marking in markings]
        regional = regional_of(seen)
        cells = cells_of(seen)
        for key in sorted(wanted):
            place, code = key
            cell = cells.get(key, Cell())
            rows.append(
                {
                    "audience": audience, "scheme": scheme, "place": place, "code": code,
                    "needs": len(cell.open_needs), "ratings_below": cell.ratings_below, "state": cell.state.value,
                    "providers": "\n".join(sorted(cell.providers)),
                    "offers": " ".join(str(number) for number in sorted(cell.offers)),
                    "regional": "\n".join(sorted(regional.get(key, ()))),
                }
            )  # fmt: skip
    return rows


def regional_of(lines: Iterable[Line]) -> dict[CellKey, set[str]]:
    """Give who covers regions, by region and code."""
    found: dict[CellKey, set[str]] = defaultdict(set)
    for line in lines:
        if line.role in {ACTIVITY, OFFER} and line.code and not is_country(line.place):
            found[line.place, line.code] |= line.providers
    return found


def _lines_of(connection: Connection, scheme: str, place: str, codes: Sequence[str]) -> list[tuple[str, Line]]:
    cover = tables.coverage.c
    return lines_where(connection, cover.scheme == scheme, cover.place == place, cover.code.in_(codes))


def answering_lines(
    connection: Connection, needs: Sequence[str], *conditions: ColumnElement[bool]
) -> list[tuple[str, Line]]:
    """Give the lines of activities that answer these needs, wherever they are."""
    answers, cover = kept.answers.c, tables.coverage.c
    found = set[int]()
    for place in range(0, len(needs), _IN):
        found.update(connection.scalars(select(answers.record).where(answers.need.in_(needs[place : place + _IN]))))
    numbers, lines = sorted(found), list[tuple[str, Line]]()
    for place in range(0, len(numbers), _IN):
        lines += lines_where(connection, cover.record.in_(numbers[place : place + _IN]), cover.code == "", *conditions)
    return lines


def lines_where(connection: Connection, *conditions: ColumnElement[bool]) -> list[tuple[str, Line]]:
    """Give lines of records that stand, each with its marking."""
    cover, records, names = tables.coverage.c, tables.records.c, tables.organizations.c
    query = (
        select(
            records.marking, cover.record, names.organization, records.id, cover.role, cover.place, cover.code,
            cover.mode, cover.starts, cover.ends, cover.joined, cover.provider,
        )
        .join(tables.records, records.record == cover.record)
        .join(tables.organizations, names.org == records.org)
        .where(*conditions, *tables.shown())
        .order_by(cover.record, cover.line)
    )  # fmt: skip
    return [
        (marking, Line(record, org, id_, role, place, code, mode, starts, ends, joined or "", provider or ""))
        for marking, record, org, id_, role, place, code, mode, starts, ends, joined, provider in connection.execute(
            query
        ).all()
    ]


def _write(
    connection: Connection, scheme: str, keys: Mapping[str, list[str]], rows: Sequence[Mapping[str, Any]]
) -> None:
    stale, number = kept.stale_cells, version(connection) + 1
    for place, codes in keys.items():
        gone = (stale.c.scheme == scheme, stale.c.place == place, stale.c.code.in_(codes))
        connection.execute(delete(stale).where(*gone))
    # What is empty now stays as an empty row: whoever read it before learns of it.
    upsert = (sqlite.insert if is_sqlite(connection) else postgresql.insert)(kept.matrix_cells)
    key = [column.name for column in kept.matrix_cells.primary_key]
    values = {column.name: upsert.excluded[column.name] for column in kept.matrix_cells.c if column.name not in key}
    connection.execute(
        upsert.on_conflict_do_update(index_elements=key, set_=values), [{**row, "changed": number} for row in rows]
    )
    _set_cursor(connection, VERSION, number)


def _cursor(connection: Connection, name: str) -> int:
    cursors = tables.cursors.c
    return connection.scalar(select(cursors.position).where(cursors.name == name)) or 0


def _set_cursor(connection: Connection, name: str, number: int) -> None:
    upsert = (sqlite.insert if is_sqlite(connection) else postgresql.insert)(tables.cursors)
    statement = upsert.values(name=name, position=number)
    connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_={"position": number}))


def _erased(connection: Connection) -> int:
    return connection.scalar(select(func.count()).select_from(tables.erased)) or 0
