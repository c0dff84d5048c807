"""Checks of what lies on this machine: settings, files and their modes, database, keys, backup."""

import json
import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from sqlalchemy import Engine, select
from sqlalchemy.exc import SQLAlchemyError

from hub import tables
from hub.backup import BACKUP_FILE, DATABASE_FILE
from hub.doctor.results import failed, passed, skipped, warned
from hub.keyring import TRUST_FILE
from hub.registrar import LOCK_FILE
from hub.schema import MIGRATIONS
from hub.settings import PREFIX, SETTINGS_FILE, VARIABLES, BadSettings, Settings, read_settings
from schemas.sentences import gettext_noop as N_
from schemas.sentences import sentence
from wire.database import is_sqlite, newest_version, open_database, reading, schema_version, sqlite_file
from wire.database_marks import said_of
from wire.environment import unknown_variables
from wire.examination import Check
from wire.patience import within

DATABASE_SECONDS: Final = 20.0
BACKUP_WITHIN: Final = timedelta(days=7)
# What anybody may read: it holds nothing that is not served, or nothing at all.
_OPEN: Final = (TRUST_FILE, LOCK_FILE, "bus.json", "log-damage.json")
_ENDINGS: Final = ("", "-wal", "-shm")
_MANY: Final = 20


def check_settings(directory: Path) -> tuple[Settings | None, Check]:
    """Read hub.toml and the environment."""
    try:
        settings = read_settings(directory)
    except (BadSettings, OSError) as error:
        return None, failed(
            "settings",
            f"{error}",
            sentence("Correct {settings_file} or name another directory.", settings_file=SETTINGS_FILE),
        )
    if unknown := unknown_variables(os.environ, PREFIX, VARIABLES):
        what = N_("Correct or remove the variables, also where the service is started; docs/settings.md names all.")
        return settings, warned("settings", " ".join(unknown[:_MANY]), what, f"{directory / SETTINGS_FILE}")
    return settings, passed("settings", N_("The settings can be used."), f"{directory / SETTINGS_FILE}")


def check_files(directory: Path, settings: Settings) -> Check:
    """See that nobody but the owner can read a secret, or write into the directory."""
    try:
        loose = [f"{path} (mode {path.stat().st_mode & 0o777:04o})" for path in _secrets(directory, settings)
                 if path.stat().st_mode & 0o077]  # fmt: skip
        if directory.stat().st_mode & 0o022:
            loose.insert(0, f"{directory} (mode {directory.stat().st_mode & 0o777:04o})")
    except OSError as error:
        return failed(
            "files", N_("Not all files can be looked at."), N_("Run this as the user that runs the hub."), str(error)
        )
    if loose:
        what = sentence(
            "Run: chmod go-rwx {directory} and chmod 600 on each file. If others work on this "
            "machine, take the keys for known to them: docs/operations.md says what then.",
            directory=directory,
        )
        said = sentence("Others can read or change {count} of this hub's files.", count=len(loose))
        return failed("files", said, what, "\n".join(loose[:_MANY]))
    return passed("files", N_("Only the owner can read the secrets."), f"{directory}")


def _secrets(directory: Path, settings: Settings) -> Iterator[Path]:
    yield from (
        path for folder in ("keys", "root") for path in sorted((directory / folder).rglob("*")) if path.is_file()
    )
    if settings.smtp is not None and settings.smtp.password_file is not None and settings.smtp.password_file.is_file():
        yield settings.smtp.password_file
    database = sqlite_file(settings.database) or directory / DATABASE_FILE
    others = {database.with_name(database.name + ending) for ending in _ENDINGS}
    for folder in (directory, directory / "bus", directory / "evidence"):
        others |= {path for path in folder.glob("*") if path.name not in _OPEN}
    # What lies in a folder that nobody else may enter is closed, whatever its own mode says.
    yield from sorted(path for path in others if path.is_file() and path.parent.stat().st_mode & 0o077)


def check_database(settings: Settings) -> tuple[Engine | None, Check]:
    """Open the database and ask it which version it has; nothing is brought up to date by looking."""
    file = sqlite_file(settings.database)
    if file is not None and not file.exists():
        what = N_("Restore the directory from a backup (liaison-hub restore), or correct database in the settings.")
        return None, failed("database", sentence("There is no database: {file} is missing.", file=file), what)
    try:
        engine = open_database(settings.database)
        found = within(DATABASE_SECONDS, lambda: _asked(engine))
    except (SQLAlchemyError, OSError, ValueError) as error:  # TimeoutError too
        what = N_("See that its server runs, that nothing holds a lock for long, and that the disk is not full.")
        return None, failed("database", N_("The database cannot be used."), what, type(error).__name__)
    known, kind = newest_version(MIGRATIONS), "SQLite" if is_sqlite(engine) else "PostgreSQL"
    if found is not None and said_of(found):
        engine.dispose()
        what = N_("Name the new database in the settings, or run move-database again.")
        cause = N_("The database was moved to another one, or a move into it was broken off.")
        return None, failed("database", cause, what, f"{kind}, {found}")
    if found is None or found > known:
        engine.dispose()
        cause = N_("The database holds no hub.") if found is None else N_("Newer software has changed the database.")
        what = (
            N_("Correct database in the settings, or restore a backup.")
            if found is None
            else N_("Install that software.")
        )
        return None, failed("database", cause, what, f"{kind}, schema {found}, here {known}")
    if found < known:
        engine.dispose()
        what = N_("Start the hub: liaison-hub serve brings it up to date. Make a backup before.")
        return None, warned(
            "database", N_("The database is older than this software."), what, f"schema {found} of {known}"
        )
    return engine, passed("database", N_("The database answers."), f"{kind}, schema {found}")


def _asked(engine: Engine) -> str | None:
    version = schema_version(engine)
    if version is not None:
        with reading(engine).connect() as connection:
            connection.execute(select(tables.log.c.index).limit(1)).all()
    return version


def check_backup(directory: Path, now: datetime, *, postgresql: bool) -> Check:
    """See when liaison-hub backup was last run here; of others that somebody makes the hub knows nothing."""
    what = sentence(
        "Run: liaison-hub backup {directory} FILE, and see whether it is any good: liaison-hub test-backup FILE",
        directory=directory,
    )
    apart = (
        N_("The database is in PostgreSQL, and not in that backup: whether pg_dump runs, nobody here knows.")
        if postgresql
        else ""
    )
    try:
        at = datetime.fromisoformat(json.loads((directory / BACKUP_FILE).read_bytes())["at"])
        age = now - at
    except FileNotFoundError:
        return warned("backup", N_("No backup has been made here by liaison-hub backup."), what, apart)
    except (OSError, ValueError, KeyError, TypeError):
        return skipped(["backup"], sentence("{directory} cannot be read.", directory=directory / BACKUP_FILE))[0]
    said = sentence("The last backup was made at {at} UTC.", at=f"{at:%Y-%m-%d %H:%M}")
    if age > BACKUP_WITHIN:
        ago = sentence("That is {days} days ago.", days=age.days)
        return warned("backup", f"{said} {ago}", what, apart)
    return passed("backup", said, apart)
