"""Backups of a hub: made while it serves, tested by putting the log together, restored beside what must stay newer."""

import json
import sqlite3
import tempfile
from contextlib import closing, suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

from sqlalchemy import Engine

from hub.erased_list import ERASED_FILE
from hub.following.choice import is_regional
from hub.history import load_state
from hub.keyring import TRUST_FILE, as_registered, load_keys
from hub.last_checkpoint import FILE as CHECKPOINT_FILE
from hub.last_checkpoint import LastCheckpoint
from hub.log_checks import LogDamaged
from hub.registrar import LOCK_FILE
from hub.rolled_back import RESTORED_FILE, mark_restored
from hub.schema import MIGRATIONS, open_store
from hub.settings import SETTINGS_FILE, BadSettings, Settings, read_settings
from hub.subscriptions.unsubscribed import UNSUBSCRIBED_FILE
from hub.view_lines import log_size
from wire.archive import BadArchive, Manifest, files_of, unpack_of, write_archive
from wire.backup_version import version_for_backup
from wire.database import NewerDatabase, copy_sqlite, newest_version, reading, sqlite_damage, sqlite_file, sqlite_url
from wire.durable_file import replace_durably
from wire.keys import BadKey
from wire.seal import timestamp
from wire.system_errors import about as about_file
from wire.system_errors import in_words
from wire.trust import BadTrust, read_trust

SERVICE: Final = "liaison-hub"
DATABASE_FILE: Final = "hub.sqlite"
BACKUP_FILE: Final = "last-backup"  # when the newest one was made, for whoever asks for its age
_OTHER_DATABASE: Final = "Where the hub's is another one, name it in hub.toml, or set LIAISON_HUB_DATABASE here too"
SQLITE, POSTGRESQL = "sqlite", "postgresql"
# The bus's own store is no part of a backup: what is in it is in the log, or is offered again by its author.
_LEFT_OUT: Final = (LOCK_FILE, BACKUP_FILE, "jetstream", "bus")
# What is newer than any backup where it is left: it stays, and the backup's is not taken.
_NEWER: Final = (CHECKPOINT_FILE, ERASED_FILE, UNSUBSCRIBED_FILE, "evidence", "log-damage.json", "jetstream", "bus",
                 "bus.json", LOCK_FILE, BACKUP_FILE, RESTORED_FILE)  # fmt: skip


class NoBackup(ValueError):
    """A backup cannot be made, read or restored; the message says why and what to do."""


class Content(NamedTuple):
    """What a backup holds; `entries` of the log, None where that is in PostgreSQL; `at`: made when (RFC 3339)."""

    network: str
    at: str
    database: str
    files: int
    size: int
    entries: int | None

    def form(self) -> dict[str, Any]:
        """Give it as commands write it."""
        return self._asdict()


def back_up(settings: Settings, target: Path, now: datetime) -> Manifest:
    """Write a backup into a new file of mode 0600. FileExistsError if there is one; NoBackup says what else is wrong.

    A SQLite database is in it as it stands at one moment. Of PostgreSQL it holds nothing: that is pg_dump's.
    """
    directory, place = settings.directory.resolve(), target.resolve()
    if directory in place.parents:
        raise NoBackup(f"{target} lies in the directory that is backed up; name a file elsewhere")
    if target.exists():
        raise FileExistsError(f"{target} exists already and is not overwritten; name another file")
    database = sqlite_file(settings.database)
    about = {
        "service": SERVICE, "network": read_trust(directory / TRUST_FILE).network, "at": timestamp(now),
        "database": POSTGRESQL if database is None else SQLITE,
    }  # fmt: skip
    with about_file(target):
        made = tempfile.TemporaryDirectory(prefix=".backup-", dir=target.parent)
    with made as folder, about_file(target, unnamed=True):
        # The checkpoint before the database, which is then never older than what was signed; the rest after it, so
        # that what the database has destroyed is in the list of the erased, and who has ended mail in theirs.
        first: list[tuple[str, Path]] = []
        signed = LastCheckpoint(directory, read_trust(directory / TRUST_FILE)).note()
        if signed:
            (Path(folder) / CHECKPOINT_FILE).write_bytes(signed)
            first.append((CHECKPOINT_FILE, Path(folder) / CHECKPOINT_FILE))
        copy = None if database is None else Path(folder) / DATABASE_FILE
        if database is not None and copy is not None:
            _copied(database, copy)
            first.append((DATABASE_FILE, copy))
        about["schema"] = _version(settings, copy)
        beside = directory / DATABASE_FILE if database is None else database
        files = [*first, *files_of(directory, (*_LEFT_OUT, CHECKPOINT_FILE), beside)]
        manifest = write_archive(target, about, files)
    with suppress(OSError):  # the backup is made, whether or not it can be noted here
        replace_durably(directory / BACKUP_FILE, json.dumps({"at": about["at"]}).encode() + b"\n")
    return manifest


def _copied(database: Path, target: Path) -> None:
    if not database.exists():
        raise NoBackup(f"there is no database: {database} is missing. {_OTHER_DATABASE}")
    try:
        copy_sqlite(database, target)
    except sqlite3.Error as error:
        raise NoBackup(f"the database cannot be copied: {error}; is the disk full?") from None


def _version(settings: Settings, copy: Path | None) -> str:
    try:
        found = version_for_backup(settings.database, copy, MIGRATIONS)
    except NewerDatabase as error:
        raise NoBackup(str(error)) from None
    if copy is not None and not (found and (is_regional(settings.directory) or _begun(copy))):
        raise NoBackup(f"the log in {sqlite_file(settings.database)} is empty: no hub's is. {_OTHER_DATABASE}")
    return found


def _begun(copy: Path) -> bool:
    with closing(sqlite3.connect(copy)) as connection:
        return connection.execute("SELECT 1 FROM log LIMIT 1").fetchone() is not None


def try_out(file: Path) -> Content:
    """Restore a backup into a temporary folder, check its log against its last checkpoint, and say what is in it."""
    try:
        made = tempfile.TemporaryDirectory(prefix=".backup-test-", dir=file.parent)
    except OSError:
        made = tempfile.TemporaryDirectory(prefix="liaison-backup-test-")
    with made as name:
        return _content(Path(name), _taken(file, Path(name)))


def restore(directory: Path, file: Path) -> Content:
    """Restore a backup into a directory that is empty, or holds only what is newer than any backup, which stays.

    Without the last checkpoint of the lost hub there, the hub stops at its next start until somebody says that nothing
    was signed since (hub/rolled_back.py). NoBackup says what is wrong; then the directory is as before.
    """
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    if there := sorted(path.name for path in directory.iterdir() if path.name not in _NEWER):
        raise NoBackup(
            f"{directory} is not empty: it holds {there[0]}. Nothing is overwritten: name another directory, or move "
            f"everything out of this one but {', '.join(_NEWER[:4])} and jetstream"
        )
    with about_file(directory):
        made = tempfile.TemporaryDirectory(prefix=".restoring-", dir=directory)
    with made as name, about_file(directory, unnamed=True):
        folder = Path(name)
        content = _content(folder, _taken(file, folder))
        if not is_regional(folder) and not (directory / CHECKPOINT_FILE).exists():
            mark_restored(folder, content.at)
        # The settings last: before them the directory holds no hub.
        for path in sorted(folder.iterdir(), key=lambda each: each.name == SETTINGS_FILE):
            if not (directory / path.name).exists():
                path.rename(directory / path.name)
    return content


def _taken(file: Path, folder: Path) -> Manifest:
    try:
        return unpack_of(SERVICE, newest_version(MIGRATIONS), file, folder)
    except BadArchive as error:
        raise NoBackup(str(error)) from None


def _content(folder: Path, manifest: Manifest) -> Content:
    about = manifest.about
    known = (about.get("network", ""), about.get("at", ""), about.get("database", ""))
    sizes = (len(manifest.files), manifest.size)
    if about.get("database") != SQLITE:
        return Content(*known, *sizes, None)
    if damage := sqlite_damage(folder / DATABASE_FILE):
        raise NoBackup(f"the database in the backup is damaged: {damage}; take another backup")
    try:
        engine = open_store(replace(read_settings(folder), database=sqlite_url(folder / DATABASE_FILE)))
        try:
            return Content(*known, *sizes, _checked(folder, engine))
        finally:
            engine.dispose()  # the last connection writes the log of SQLite into its file
    except (BadSettings, BadKey, BadTrust, LogDamaged, OSError) as error:
        cause = in_words(error) if isinstance(error, OSError) else error
        raise NoBackup(f"the backup does not make a hub: {cause}") from None


def _checked(folder: Path, engine: Engine) -> int:
    """Put the log's state together as at a start, and compare it with the last checkpoint; gives its size."""
    with reading(engine).connect() as connection:
        if is_regional(folder):
            return log_size(connection)
        keyring = load_keys(folder)
        state = load_state(connection, keyring.trust)
        trust = as_registered(folder, keyring, state.registry).trust
        LastCheckpoint(folder, trust, state.registry.former_logs).check(connection, state.size)
        if not state.size:
            raise NoBackup("the log in it is empty: it was taken of another database than the hub's; take another one")
        return state.size
