"""Two rows in every table of a service, of values that databases may take differently, and all rows as they are."""

from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Connection, Integer, LargeBinary, MetaData, String, delete, insert


def fill(connection: Connection, metadata: MetaData) -> None:
    """Put two rows into each table, in the place of those that migrations have put there."""
    for table in metadata.sorted_tables:
        connection.execute(delete(table))
        connection.execute(insert(table), [{each.name: _value(each, number) for each in table.c} for number in (1, 2)])


def rows(connection: Connection, metadata: MetaData) -> dict[str, list[tuple[Any, ...]]]:
    """Give the rows of each table in the order of its key; what SQLite keeps as text in a binary column as bytes."""
    found = {}
    for table in metadata.sorted_tables:
        read = connection.execute(table.select().order_by(*table.primary_key)).all()
        found[table.name] = sorted([tuple(map(_plain, table.c, row)) for row in read], key=repr)
    return found


def _plain(column: Column[Any], value: Any) -> Any:
    return value.encode() if isinstance(column.type, LargeBinary) and isinstance(value, str) else value


def _value(column: Column[Any], number: int) -> Any:
    if column.nullable and number == 2:
        return None
    if isinstance(column.type, Boolean):
        return number == 1
    if isinstance(column.type, LargeBinary):
        return bytes([0, number, 255, 39])
    if isinstance(column.type, String):
        return f"{number}é'\\\n%s"[: column.type.length]
    assert isinstance(column.type, Integer), column
    return number * (2**53 if isinstance(column.type, BigInteger) else 3)
