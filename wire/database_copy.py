"""Copies a service's database into an empty one, every row in one transaction, and compares both before it counts."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Connection,
    Engine,
    LargeBinary,
    MetaData,
    Select,
    Table,
    delete,
    func,
    insert,
    inspect,
    select,
    text,
)
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, StatementError

from wire.database import BUSY_SECONDS, is_sqlite, migrate_within
from wire.database_marks import ARRIVING, MOVED, VERSION, close, write_version

_AT_ONCE = 500
_SEARCH = "record_search"
Progress = Callable[[int, int | None], None]


class CannotMove(ValueError):
    """The database cannot be moved so; the message says why and what to do."""


def _nothing(_: Connection) -> None:
    pass


@dataclass(frozen=True)
class Content:
    """What a service keeps. `rows` gives what of a table is copied, None for one that is derived.

    `check` raises CannotMove if it is not the service's own; `fill` derives in the new database, within its
    transaction; `facts` must be the same in both.
    """

    metadata: MetaData
    scripts: Path
    check: Callable[[Connection], None]
    facts: Callable[[Connection], Mapping[str, object]]
    rows: Callable[[Table], Select[Any] | None] = select
    fill: Callable[[Connection], None] = _nothing

    def copied(self) -> list[tuple[Table, Select[Any]]]:
        """Give the tables in the order of their foreign keys, each with its rows in the order of its key."""
        found = [(table, self.rows(table)) for table in self.metadata.sorted_tables]
        return [(table, rows.order_by(*table.primary_key)) for table, rows in found if rows is not None]


def copy(source: Engine, target: Engine, content: Content, number: str, step: Progress) -> None:
    """Copy all into an empty database and mark the old one as moved; broken off, the new one is as it was.

    The new one is marked as not whole yet. CannotMove if it holds tables already, does not take what the old one has,
    or is not the same afterwards. Nobody writes into the old one meanwhile.
    """
    with source.begin() as old:
        _hold(old, content)
        content.check(old)
        with target.begin() as new:
            _make_tables(new, content)
            _copy_rows(old, new, content, step)
            content.fill(new)
            _compare(old, new, content)
            if not is_sqlite(new):
                _number_on(new, content)
                new.execute(text("ANALYZE"))  # else it plans for empty tables until the server comes to it
            write_version(new, f"{ARRIVING}{number}")
        close(old, content.metadata.tables)
        write_version(old, f"{MOVED}{number}")


def _hold(old: Connection, content: Content) -> None:
    """Let others read and not write; on SQLite the transaction has begun so."""
    if not is_sqlite(old):
        quote = old.dialect.identifier_preparer.quote
        names = ", ".join(quote(table.name) for table in content.metadata.sorted_tables)
        old.execute(text(f"SET LOCAL lock_timeout = '{BUSY_SECONDS}s'"))
        old.execute(text(f"LOCK TABLE {names} IN EXCLUSIVE MODE"))


def _make_tables(new: Connection, content: Content) -> None:
    names = set(inspect(new).get_table_names())
    ours = {VERSION, _SEARCH, *content.metadata.tables}
    if _left_behind(new, names):
        content.metadata.drop_all(new)
        for name in (_SEARCH, VERSION):
            new.execute(text(f"DROP TABLE {name}"))
    elif names & ours:
        raise CannotMove(
            "the new database is not empty: it holds tables of a hub or a node already. Nothing was changed; make an "
            "empty one (createdb name, or the name of a file that is not there) and name that"
        )
    migrate_within(new, content.scripts)
    made = set(inspect(new).get_table_names()) - ours - names
    if forgotten := sorted(name for name in made if not name.startswith(_SEARCH)):
        raise CannotMove(f"this software does not know how to move {', '.join(forgotten)}; tell those who write it")
    for table in content.metadata.sorted_tables:
        new.execute(delete(table))  # first rows of migrations: those of the old one come in their place


def _left_behind(new: Connection, names: set[str]) -> bool:
    """Whether a move that was broken off has left its tables: nobody has used them."""
    if VERSION not in names:
        return False
    return str(new.execute(text(f"SELECT version_num FROM {VERSION}")).scalar()).startswith(ARRIVING)  # noqa: S608


def _copy_rows(old: Connection, new: Connection, content: Content, step: Progress) -> None:
    tables = content.copied()
    total, done = sum(_count(old, rows) for _, rows in tables), 0
    step(done, total)
    for table, rows in tables:
        binary = [column.name for column in table.c if isinstance(column.type, LargeBinary)]
        for part in old.execute(rows, execution_options={"yield_per": _AT_ONCE}).mappings().partitions():
            _insert(new, table, [_typed(dict(row), binary) for row in part])
            done += len(part)
            step(done, total)


def _typed(row: dict[str, Any], binary: Sequence[str]) -> dict[str, Any]:
    """Give a row whose values are of their columns' types; SQLite keeps the text '' that a migration wrote as text."""
    return row | {name: row[name].encode() for name in binary if isinstance(row[name], str)}


def _insert(new: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    try:
        new.execute(insert(table), rows)
    except StatementError as error:
        if isinstance(error, DBAPIError) and not isinstance(error, DataError | IntegrityError):
            raise
        cause = str(error.orig).strip().split("\n")[0]
        raise CannotMove(
            f"the new database does not take a row of the table {table.name}: {cause}. Nothing was changed; "
            "go on with the old database, and tell those who write this software"
        ) from None


def _number_on(new: Connection, content: Content) -> None:
    """Let new rows have numbers beyond those that were copied."""
    for table in content.metadata.sorted_tables:
        column = table.autoincrement_column
        if column is None:
            continue
        numbers = new.scalar(select(func.pg_get_serial_sequence(table.name, column.name)))
        last = new.scalar(select(func.max(column)))
        if numbers and last:
            new.execute(select(func.setval(numbers, last)))


def _compare(old: Connection, new: Connection, content: Content) -> None:
    different = [table.name for table, rows in content.copied() if _count(old, rows) != _count(new, rows)]
    before, after = content.facts(old), content.facts(new)
    different += [name for name, value in before.items() if after[name] != value]
    if different:
        raise CannotMove(
            f"the new database is not the same as the old one: {', '.join(different)} differ. Nothing was changed; go "
            "on with the old database, and tell those who write this software"
        )


def _count(connection: Connection, rows: Select[Any]) -> int:
    return connection.scalar(select(func.count()).select_from(rows.order_by(None).subquery())) or 0
