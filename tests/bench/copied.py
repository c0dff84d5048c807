"""A hub's SQLite database copied into an empty PostgreSQL one by COPY: the same rows, without folding them again."""

import sqlite3
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from sqlalchemy import BigInteger, Boolean, Connection, Engine, Integer, LargeBinary, SmallInteger, Table, func, select
from sqlalchemy import text as sql

from hub.accounts import tables as accounts
from hub.finding import tables as finding
from hub.finding.stretches import make_room
from hub.finding.terms import MARK, beginnings
from hub.following import tables as following
from hub.operating import tables as operating
from hub.subscriptions import tables as subscriptions
from hub.tables import metadata

TABLES_OF: Final = (accounts, finding, following, operating, subscriptions)  # imported, they stand in the metadata
AT_ONCE: Final = 2_000
# What COPY is told of each sort of column; all others are text.
_TYPES: Final = (
    (Boolean, "bool"),
    (SmallInteger, "int2"),
    (BigInteger, "int8"),
    (Integer, "int4"),
    (LargeBinary, "bytea"),
)
# Indexes that no key needs: made after the rows, they take a fraction of the time.
_INDEXES: Final = sql("""
    SELECT indexname, indexdef FROM pg_indexes JOIN pg_class ON relname = indexname
    WHERE schemaname = 'public' AND NOT relispartition
      AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = pg_class.oid)
""")


def copy(source: Path, target: Engine) -> None:
    """Copy every row of a hub's database file into a migrated, empty database."""
    with closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as reading, target.begin() as connection:
        indexes = connection.execute(_INDEXES).all()
        for name, _ in indexes:
            connection.execute(sql(f'DROP INDEX "{name}"'))
        for table in metadata.sorted_tables:
            _copy_table(reading, connection, table)
        _copy_words(reading, connection)
        for name, definition in indexes:
            with _told(f"index {name}"):
                connection.execute(sql(definition.replace(" ON ONLY ", " ON ")))  # with its stretches
        for table in metadata.sorted_tables:
            _set_counter(connection, table)


class _told:  # noqa: N801 - reads as a word
    """Says how long something took."""

    def __init__(self, what: str) -> None:
        self._what = what

    def __enter__(self) -> None:
        self._begun = time.perf_counter()

    def __exit__(self, *_: object) -> None:
        took = time.perf_counter() - self._begun
        if took > 1:
            print(f"{self._what}: {took:.0f} s", file=sys.stderr, flush=True)


def _copy_table(reading: sqlite3.Connection, connection: Connection, table: Table) -> None:
    names = ", ".join(f'"{column.name}"' for column in table.c)
    rows = reading.execute(f'SELECT {names} FROM "{table.name}"')  # noqa: S608 - names of ours
    flags = [place for place, column in enumerate(table.c) if isinstance(column.type, Boolean)]
    types = [_type(column.type) for column in table.c]
    connection.execute(table.delete())  # what a migration put there
    with _told(table.name):
        _write(connection, f'COPY "{table.name}" ({names}) FROM STDIN (FORMAT BINARY)', types, _typed(rows, flags))


def _type(kind: Any) -> str:
    return next((name for sort, name in _TYPES if isinstance(kind, sort)), "text")


def _typed(rows: sqlite3.Cursor, flags: Sequence[int]) -> Iterator[Sequence[Any]]:
    while some := rows.fetchmany(AT_ONCE):
        if not flags:
            yield from some
            continue
        for row in some:
            values = list(row)
            for place in flags:
                values[place] = None if values[place] is None else bool(values[place])
            yield values


def _copy_words(reading: sqlite3.Connection, connection: Connection) -> None:
    """Words as the fold would have put them there: with the terms of how they begin."""
    make_room(connection, reading.execute("SELECT coalesce(max(rowid), 0) FROM record_search").fetchone()[0])
    rows = reading.execute("SELECT rowid, words FROM record_search")
    with _told("record_search"):
        _write(connection, "COPY record_search (index, words) FROM STDIN", ["int8", "text"], _vectors(rows))


def _vectors(rows: sqlite3.Cursor) -> Iterator[tuple[int, str]]:
    while some := rows.fetchmany(AT_ONCE):
        for index, written in some:
            words = written.split(" ")
            found = [*words, *beginnings(word for word in words if not word.startswith(MARK))]
            yield index, "'" + "' '".join(found) + "'"  # neither words nor terms have a sign that means anything here


def _write(connection: Connection, statement: str, types: list[str], rows: Iterator[Sequence[Any]]) -> None:
    cursor: Any = connection.connection.cursor()
    with closing(cursor), cursor.copy(statement) as copying:
        if "BINARY" in statement:
            copying.set_types(types)
        for row in rows:
            copying.write_row(row)


def _set_counter(connection: Connection, table: Table) -> None:
    key = table.autoincrement_column
    if key is None or key.autoincrement is not True:
        return
    last = connection.scalar(select(func.max(key)))
    if last is not None:
        connection.execute(sql(f"SELECT setval(pg_get_serial_sequence('{table.name}', '{key.name}'), {last})"))
