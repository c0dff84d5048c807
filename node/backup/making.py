"""Makes a backup of a node's directory beside its running service: one file, keys included."""

import sqlite3
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Final, NamedTuple

import orjson

from node.lock import LOCK_FILE
from node.settings import DATABASE_FILE, Settings
from node.store.opening import MIGRATIONS
from node.witness_file import WITNESS_FILE
from schemas.sentences import gettext_noop as N_
from schemas.sentences import sentence
from wire.archive import Manifest, files_of, write_archive
from wire.backup_version import version_for_backup
from wire.database import NewerDatabase, copy_sqlite, sqlite_file
from wire.durable_file import replace_durably
from wire.seal import timestamp
from wire.system_errors import about as about_file

SERVICE: Final = "liaison-node"
SQLITE, POSTGRESQL = "sqlite", "postgresql"
BACKUPS: Final = "backups"  # the folder of those that were made on the page; never part of a backup
LAST_FILE: Final = "last-backup.json"
_LEFT_OUT: Final = (LOCK_FILE, LAST_FILE, BACKUPS)


class NoBackup(ValueError):
    """A backup cannot be made, read or restored; the message says why and what to do."""


class Last(NamedTuple):
    """The last backup that was made: when (RFC 3339), into which file, how many bytes, and of which database."""

    at: str
    file: str
    size: int
    database: str


def back_up(settings: Settings, target: Path, now: datetime) -> Manifest:
    """Write a backup into a new file of mode 0600. FileExistsError if there is one; NoBackup says what else is wrong.

    A SQLite database is in it as it stands at one moment. Of PostgreSQL it holds nothing: that is pg_dump's.
    """
    directory, place = settings.directory.resolve(), target.resolve()
    if directory in place.parents and directory / BACKUPS not in place.parents:
        raise NoBackup(
            sentence("{target} lies in the directory that is backed up; name a file elsewhere", target=target)
        )
    if target.exists():
        raise FileExistsError(f"{target} exists already and is not overwritten; name another file")
    database = sqlite_file(settings.database)
    # Beside PostgreSQL there may lie an older SQLite database: it is nobody's.
    beside = directory / DATABASE_FILE if database is None else database
    kind = SQLITE if database is not None else POSTGRESQL
    about = {
        "service": SERVICE, "organization": settings.organization, "at": timestamp(now), "database": kind,
    }  # fmt: skip
    with about_file(target):
        made = tempfile.TemporaryDirectory(prefix=".backup-", dir=target.parent)
    with made as folder, about_file(target, unnamed=True):
        # The witness's file before the database, so that the database is never the older one; the keys after it, so
        # that those which it names are there.
        early, copied = Path(folder) / WITNESS_FILE, Path(folder) / DATABASE_FILE
        first: list[tuple[str, Path]] = []
        if (directory / WITNESS_FILE).exists():
            early.write_bytes((directory / WITNESS_FILE).read_bytes())
            first.append((WITNESS_FILE, early))
        if database is not None:
            _copied(database, copied)
            first.append((DATABASE_FILE, copied))
        about["schema"] = _version(settings, copied if database is not None else None)
        manifest = write_archive(target, about, [*first, *files_of(directory, (*_LEFT_OUT, WITNESS_FILE), beside)])
    last = Last(about["at"], str(place), target.stat().st_size, kind)
    with about_file(directory / LAST_FILE):
        replace_durably(directory / LAST_FILE, orjson.dumps(last._asdict()) + b"\n")
    return manifest


def _copied(database: Path, target: Path) -> None:
    try:
        copy_sqlite(database, target)
    except sqlite3.Error as error:
        raise NoBackup(sentence("the database cannot be copied: {cause}; is the disk full?", cause=error)) from None


def _version(settings: Settings, copy: Path | None) -> str:
    try:
        found = version_for_backup(settings.database, copy, MIGRATIONS)
    except NewerDatabase as error:
        raise NoBackup(str(error)) from None
    if copy is not None and not found:
        raise NoBackup(N_("the database holds no node; see database in node.toml"))
    return found


def last_backup(directory: Path) -> Last | None:
    """Give the last backup that was made of this directory, None if none is known."""
    try:
        return Last(**orjson.loads((directory / LAST_FILE).read_bytes()))
    except (OSError, ValueError, TypeError):
        return None
