"""The marks of a move in a database, in the place of its version: all software that opens one refuses it by them."""

from collections.abc import Iterable
from typing import Final

from sqlalchemy import Connection, text

MOVED: Final = "moved-"  # followed by the number of the move
ARRIVING: Final = "arriving-"  # it may hold half of everything; nobody has used it
ARRIVED: Final = "arrived-"  # it holds everything, and the old one is marked; the settings may not name it yet
VERSION: Final = "alembic_version"
_AWAY: Final = "this database was moved to another one with move-database, and is never to be used again"
_WHAT_TO_DO: Final = (
    "whoever went on from it would say something else than the other has said. Name the new one in the settings or the "
    "variable; docs/operations.md says how"
)
_FUNCTION: Final = f"""
    CREATE OR REPLACE FUNCTION liaison_moved() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION '{_AWAY}'; END $$
"""


def said_of(version: str) -> str:
    """Say what is to be done where this stands in the place of a version; empty if it is one."""
    if version.startswith(MOVED):
        return f"{_AWAY}: {_WHAT_TO_DO}"
    if version.startswith((ARRIVING, ARRIVED)):
        return "a move into this database was broken off before its end: run move-database again, as it was run before"
    return ""


def said_by(cause: str) -> str:
    """Say what is to be done where a database that was moved has answered this; empty if it has answered another."""
    return f"{_AWAY}: {_WHAT_TO_DO}" if _AWAY in cause else ""


def write_version(connection: Connection, version: str) -> None:
    """Write what stands in the place of the version of the tables."""
    connection.execute(text(f"UPDATE {VERSION} SET version_num = :version"), {"version": version})  # noqa: S608


def close(connection: Connection, tables: Iterable[str]) -> None:
    """Let the database refuse every change: a command that has opened it before may wait to write into it."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(_FUNCTION))
    for table in tables:
        for statement in _triggers(table, connection.dialect.name):
            connection.execute(text(statement))


def _triggers(table: str, dialect: str) -> list[str]:
    if dialect == "postgresql":
        changes = f'BEFORE INSERT OR UPDATE OR DELETE ON "{table}" FOR EACH STATEMENT EXECUTE FUNCTION liaison_moved()'
        return [f"CREATE TRIGGER liaison_moved {changes}"]
    return [
        f'CREATE TRIGGER liaison_moved_{change}_{table} BEFORE {change} ON "{table}"'
        f" BEGIN SELECT RAISE(ABORT, '{_AWAY}'); END"
        for change in ("INSERT", "UPDATE", "DELETE")
    ]
