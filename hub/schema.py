"""Opening the hub's database with its tables brought up to date."""

from pathlib import Path

from sqlalchemy import Engine, select
from sqlalchemy.exc import ArgumentError

from hub import tables
from hub.settings import BadSettings, Settings
from schemas.sentences import gettext_noop as N_
from wire.database import NewerDatabase, migrate, open_database, reading, sqlite_file

MIGRATIONS = Path(__file__).parent / "migrations"
NO_HUB = N_(
    "the database holds no hub: the log of every hub begins with its own admission, and this one is empty. Correct "
    "database in hub.toml or LIAISON_HUB_DATABASE, or restore a backup; docs/operations.md says how"
)


def open_store(settings: Settings) -> Engine:
    """Open the hub's database; the newest migration has run when this returns.

    BadSettings if the URL is none, or newer software has changed the database.
    """
    try:
        file = sqlite_file(settings.database)
        if file is not None and file.parent.is_dir():
            file.touch(mode=0o600)  # SQLite's side files take over its mode
        engine = open_database(settings.database)
    except ArgumentError:
        raise BadSettings(N_("the database is no URL such as sqlite:///file or postgresql://host/name")) from None
    try:
        migrate(engine, MIGRATIONS)
    except NewerDatabase as error:
        raise BadSettings(str(error)) from None
    return engine


def open_begun(settings: Settings) -> Engine:
    """Open the database of a hub that has begun; BadSettings if it is another one than the hub's, or was emptied."""
    engine = open_store(settings)
    if not has_log(engine):
        raise BadSettings(NO_HUB)
    return engine


def has_log(engine: Engine) -> bool:
    """Whether there is an entry in the log: a hub's first is its own admission."""
    with reading(engine).connect() as connection:
        return connection.execute(select(tables.log.c.index).limit(1)).first() is not None
