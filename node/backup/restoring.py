"""Reads a backup back: into a directory of its own, or into a temporary one to see whether it is any good."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from node.accounts.acts import command
from node.backup.making import SERVICE, SQLITE, NoBackup
from node.node import TRUST_FILE, Node, build
from node.progress import Alarm
from node.restore_notice import mark_restored, restored_from
from node.settings import DATABASE_FILE, SETTINGS_FILE, BadSettings, read_settings
from node.store.opening import MIGRATIONS, NoDatabase
from node.witness_file import WITNESS_FILE
from schemas.sentences import sentence
from wire.archive import BadArchive, Manifest, unpack_of
from wire.database import newest_version, sqlite_damage, sqlite_url
from wire.keys import BadKey
from wire.system_errors import about as about_file

_NO_ENVIRONMENT: Mapping[str, str] = {}


class Content(NamedTuple):
    """What a backup holds. What only the database tells is None where that is PostgreSQL and not in it.

    `at`: when it was made (RFC 3339); `statements`: how many are signed; `records`: those that have not ended.
    """

    organization: str
    at: str
    database: str
    files: int
    size: int
    network: str | None
    statements: int | None
    records: int | None
    signing_key: str | None

    def form(self) -> dict[str, Any]:
        """Give it as commands write it."""
        return self._asdict()


def try_out(file: Path) -> Content:
    """Restore a backup into a temporary folder, put its node together, and say what is in it; NoBackup otherwise."""
    with _temporary(file) as folder:
        return _content(folder, _taken(file, folder))


def restore(directory: Path, file: Path) -> Content:
    """Restore a backup into a directory that is not there yet, is empty, or holds only a newer witness.json, kept then.

    A node that has joined signs nothing afterwards (alarm `restored`) until restore-chain has taken from the log what
    was published since. NoBackup says what is wrong; then the directory is as before.
    """
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    if there := sorted(path.name for path in directory.iterdir() if path.name != WITNESS_FILE):
        raise NoBackup(
            sentence(
                "{directory} is not empty: it holds {there}. Name another directory; nothing is overwritten",
                directory=directory,
                there=there[0],
            )
        )
    with about_file(directory):
        made = tempfile.TemporaryDirectory(prefix=".restoring-", dir=directory)
    with made as name, about_file(directory, unnamed=True):
        folder = Path(name)
        manifest = _taken(file, folder)
        content = _content(folder, manifest, final=directory)
        if content.database != SQLITE and (folder / TRUST_FILE).exists():  # it had joined
            mark_restored(folder, content.at)
        if (directory / WITNESS_FILE).exists():
            (folder / WITNESS_FILE).unlink(missing_ok=True)
        # The settings last: before them the directory holds no node.
        for path in sorted(folder.iterdir(), key=lambda each: each.name == SETTINGS_FILE):
            path.rename(directory / path.name)
    return content


def _taken(file: Path, folder: Path) -> Manifest:
    try:
        return unpack_of(SERVICE, newest_version(MIGRATIONS), file, folder)
    except BadArchive as error:
        raise NoBackup(str(error)) from None


def _content(folder: Path, manifest: Manifest, final: Path | None = None) -> Content:
    """Put the node in a folder together; with `final`, where it will be, it is stopped from signing first."""
    about = manifest.about
    known = (about.get("organization", ""), about.get("at", ""), about.get("database", ""))
    sizes = (len(manifest.files), manifest.size)
    if about.get("database") != SQLITE:
        return Content(*known, *sizes, None, None, None, None)
    if damage := sqlite_damage(folder / DATABASE_FILE):
        raise NoBackup(sentence("the database in the backup is damaged: {damage}; take another backup", damage=damage))
    try:
        settings = replace(read_settings(folder, _NO_ENVIRONMENT), database=sqlite_url(folder / DATABASE_FILE))
        node = build(folder, settings=settings)
    except (BadSettings, BadKey, NoDatabase, OSError) as error:
        raise NoBackup(sentence("the backup does not make a node: {cause}", cause=error)) from None
    try:
        if final is not None:
            _stop_signing(node, final, about.get("at", ""))
            node.acts.note(command(), "backup.restored", "", f"from the backup of {about.get('at', '')}")
        chain, counts = node.reading.chain(), node.reading.counts()
        key = node.keys.current(node.reading.in_use()).public.thumbprint
        return Content(*known, *sizes, chain.network, chain.sequence, counts.current + counts.local, key)
    finally:
        node.engine.dispose()  # the last connection writes the log of SQLite into its file


def _stop_signing(node: Node, directory: Path, at: str) -> None:
    chain = node.reading.chain()
    if chain.admission is None or chain.alarm is not None:
        return
    node.outbox.sound_alarm(Alarm.RESTORED, restored_from(at, directory))


@contextmanager
def _temporary(file: Path) -> Iterator[Path]:
    """Give a folder for secrets: beside the backup if that can be, where there is room for it."""
    try:
        made = tempfile.TemporaryDirectory(prefix=".backup-test-", dir=file.parent)
    except OSError:
        made = tempfile.TemporaryDirectory(prefix="liaison-backup-test-")
    with made as name:
        yield Path(name)
