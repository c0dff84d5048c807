"""Which version of the tables a backup names: what the copied database says, or PostgreSQL when it is asked."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from schemas.sentences import gettext_noop as N_
from wire.database import check_known, open_database, schema_version
from wire.patience import within

ASKED_SECONDS: Final = 20.0
_WHAT: Final = N_("Make the backup with that software")


def version_for_backup(url: str, copy: Path | None, scripts: Path) -> str:
    """Give the version that the copy of a SQLite database has, or the database of the URL where nothing is copied.

    Empty if it says none, or cannot be asked. NewerDatabase if it is not among `scripts`.
    """
    found = _asked(url) if copy is None else _read(copy)
    if found is None:
        return ""
    check_known(found, scripts, _WHAT)
    return found


def _read(copy: Path) -> str | None:
    # By its own driver: opened as a service does it, the copy would be changed.
    with closing(sqlite3.connect(f"{copy.resolve().as_uri()}?mode=ro", uri=True)) as connection:
        if connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'alembic_version'").fetchone() is None:
            return None
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return None if row is None else str(row[0])


def _asked(url: str) -> str | None:
    engine = open_database(url)
    try:
        return within(ASKED_SECONDS, lambda: schema_version(engine))
    except (SQLAlchemyError, OSError):  # TimeoutError too: keys and settings are worth a backup while it is away
        return None
    finally:
        engine.dispose()
