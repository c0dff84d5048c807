"""Inserting many rows by few statements: SQLite does a hundred rows at once for a seventh less than one by one."""

from collections.abc import Collection, Sequence
from itertools import chain
from typing import Any, Final

from sqlalchemy import Connection, Dialect, Table, insert

AT_ONCE: Final = 100


class ManyRows:
    """The insertion of rows into one table, compiled once for the database's dialect.

    Rows have the table's columns in their order, without those that are to have their defaults.
    """

    def __init__(self, dialect: Dialect, table: Table, defaults: Collection[str] = ()) -> None:
        names = [column.name for column in table.c if column.name not in defaults]
        self._one = str(insert(table).compile(dialect=dialect, column_keys=names))
        into, _, row = self._one.partition("VALUES ")
        self._many = f"{into}VALUES {','.join([row] * AT_ONCE)}"

    def insert(self, connection: Connection, rows: Sequence[tuple[Any, ...]]) -> None:
        """Insert rows; none is fine too."""
        whole = len(rows) - len(rows) % AT_ONCE
        for place in range(0, whole, AT_ONCE):
            values = tuple(chain.from_iterable(rows[place : place + AT_ONCE]))
            connection.exec_driver_sql(self._many, values)
        if whole < len(rows):
            connection.exec_driver_sql(self._one, list(rows[whole:]))
