"""Opens the node's database, SQLite or PostgreSQL, and brings its tables up to date."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.exc import ArgumentError, DatabaseError, OperationalError

from node import tables
from wire.database import (
    NewerDatabase,
    cause_of,
    migrate,
    newest_version,
    not_taken,
    open_database,
    schema_version,
)

MIGRATIONS = Path(__file__).parent.parent / "migrations"


class NoDatabase(ValueError):
    """The database cannot be used; the message says why and what to do."""


def create_store(url: str, organization: str) -> Engine:
    """Open the database of a new node; NoDatabase if it holds another node already."""
    engine = open_store(url)
    with engine.begin() as connection:
        found = connection.execute(tables.chain.select()).first()
        if found is not None:
            raise NoDatabase(
                f"the database already holds the node of {found.organization}; name another one with --database"
            )
        connection.execute(tables.chain.insert().values(one=1, organization=organization, sequence=0, head=bytes(32)))
        connection.execute(
            tables.relay.insert().values(
                one=1, bus="off", bus_reason="not served yet", bus_since="", sent=0, logged=0, logged_index=-1
            )
        )
    return engine


def open_store(url: str) -> Engine:
    """Open the database and bring it up to date."""
    engine = open_unchanged(url)
    with _in_sentences():
        migrate(engine, MIGRATIONS)
    return engine


def open_current(url: str) -> Engine:
    """Open the database; NoDatabase if its tables are not of this software's version, and they stay as they are."""
    engine, known = open_unchanged(url), newest_version(MIGRATIONS)
    with _in_sentences():
        found = schema_version(engine)
    if found != known:
        raise NoDatabase(f"its tables are of version {found}, and those of this software of version {known}")
    return engine


def open_unchanged(url: str) -> Engine:
    """Open the database as it is, whichever version its tables have."""
    try:
        return open_database(url)
    except ArgumentError:
        raise NoDatabase("the database is no URL such as sqlite:///file or postgresql://host/name") from None


@contextmanager
def _in_sentences() -> Iterator[None]:
    try:
        yield
    except NewerDatabase as error:
        raise NoDatabase(str(error)) from None
    except OperationalError as error:
        raise NoDatabase(f"the database cannot be opened: {cause_of(error)}") from None
    except DatabaseError as error:
        raise NoDatabase(not_taken(error)) from None
