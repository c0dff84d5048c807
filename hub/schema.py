"""Opening the hub's database with its tables brought up to date."""

from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.exc import ArgumentError

from hub.settings import BadSettings, Settings
from schemas.sentences import gettext_noop as N_
from wire.database import migrate, open_database, sqlite_file

MIGRATIONS = Path(__file__).parent / "migrations"


def open_store(settings: Settings) -> Engine:
    """Open the hub's database; the newest migration has run when this returns. BadSettings if the URL is none."""
    try:
        file = sqlite_file(settings.database)
        if file is not None and file.parent.is_dir():
            file.touch(mode=0o600)  # SQLite's side files take over its mode
        engine = open_database(settings.database)
    except ArgumentError:
        raise BadSettings(N_("the database is no URL such as sqlite:///file or postgresql://host/name")) from None
    migrate(engine, MIGRATIONS)
    return engine
