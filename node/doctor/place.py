"""Checks of what lies on this machine: settings, database, files and their modes, keys, disk."""

import errno
import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from sqlalchemy.exc import SQLAlchemyError

from node.doctor.results import CHECKS, Check, failed, passed, skipped, warned
from node.keyring import load_keys
from node.node import Node, build_unchanged
from node.settings import (
    DATABASE_FILE,
    PREFIX,
    SETTINGS_FILE,
    VARIABLES,
    BadSettings,
    Settings,
    read_settings,
)
from node.store import InUse, Reading
from node.store.opening import MIGRATIONS, NoDatabase, open_unchanged
from schemas.sentences import gettext_noop as N_
from schemas.sentences import sentence
from wire.database import is_sqlite, newest_version, schema_version, sqlite_file
from wire.disk_check import check_disk
from wire.environment import unknown_variables
from wire.key_sets import ENROLMENT_FILE, key_set
from wire.keys import BadKey
from wire.patience import within

DATABASE_SECONDS = 20.0
PLACE = ("settings", "database", "files", "keys", "disk")
_FULL = N_("Make room, or give the node a larger disk: when it is full, nothing more can be saved.")
_RESTORE = N_("Restore the directory from a backup (liaison-node restore), or put the file back.")


class Place(NamedTuple):
    """The checks, and settings and node as far as they can be had."""

    checks: list[Check]
    settings: Settings | None
    node: Node | None


def examine_place(directory: Path) -> Place:
    """Check what lies in the directory, as far as each allows the next."""
    try:
        settings = read_settings(directory)
    except (BadSettings, OSError) as error:
        what = N_("Correct node.toml or name another directory.")
        return Place([failed("settings", f"{error}", what),
                      *skipped(PLACE[1:], N_("The settings cannot be read."))], None, None)  # fmt: skip
    cause = sentence("This is the node of {org}.", org=settings.organization)
    said = passed("settings", cause, f"{directory / SETTINGS_FILE}")
    if unknown := unknown_variables(os.environ, PREFIX, VARIABLES):
        what = N_("Correct or remove the variables, also where the service is started; docs/settings.md names all.")
        said = warned("settings", " ".join([cause, *unknown[:20]]), what, said.detail)
    checks = [said, check_disk(CHECKS, directory, _FULL)]
    database = check_database(settings)
    files = check_files(directory)
    if database.what_to_do:
        keys_unknown = skipped(["keys"], N_("The database says which keys are in use."))
        return Place([*checks, database, files, *keys_unknown], settings, None)
    node, keys = _keys(directory, settings)
    return Place([*checks, database, files, keys], settings, node)


def check_database(settings: Settings) -> Check:
    """Open the database and ask it which version it has, and for the chain; looking changes nothing in it."""
    file, known = sqlite_file(settings.database), newest_version(MIGRATIONS)
    if file is not None and not file.exists():  # opening it would make one
        what = N_("Restore the directory from a backup (liaison-node restore), or correct database in node.toml.")
        return failed("database", sentence("There is no database: {file} is missing.", file=file), what)
    try:
        found, chain, kind = within(DATABASE_SECONDS, lambda: _asked(settings))
    except TimeoutError as error:
        return failed(
            "database", N_("The database does not answer."),
            N_("See whether its server runs and whether something holds a lock for long."), str(error),
        )  # fmt: skip
    except (NoDatabase, SQLAlchemyError, OSError) as error:
        said = str(error) if isinstance(error, NoDatabase) else type(error).__name__
        what = N_("See that the database runs, that the disk is not full, and that database in node.toml is right.")
        return failed("database", N_("The database cannot be used."), what, said)
    if found == known:
        sealed = sentence("{number} statements are signed.", number=chain)
        return passed("database", sealed, f"{kind}, schema {found}")
    return _of_other_software(found, f"{kind}, schema {found}, here {known}", newer=found is not None and found > known)


def _of_other_software(found: str | None, detail: str, *, newer: bool) -> Check:
    if found is None:
        what = N_("Correct database in node.toml, or restore a backup.")
        return failed("database", N_("The database holds no node."), what, detail)
    if newer:
        return failed(
            "database", N_("Newer software has changed the database."),
            N_("Run that software again, or restore a backup from before."), detail,
        )  # fmt: skip
    what = N_(
        "Make a backup, stop the service of the older software if it runs, and start this one: liaison-node serve "
        "brings the tables up to date. Looking changes nothing."
    )
    return failed(
        "database", N_("The tables of the database are of an older version than this software."), what, detail
    )


def _asked(settings: Settings) -> tuple[str | None, int, str]:
    engine = open_unchanged(settings.database)
    try:
        found, kind = schema_version(engine), "SQLite" if is_sqlite(engine) else "PostgreSQL"
        current = found == newest_version(MIGRATIONS)  # only of these tables this software knows how to ask
        return found, Reading(engine).chain().sequence if current else 0, kind
    finally:
        engine.dispose()


def check_files(directory: Path) -> Check:
    """See that nobody but the owner can read a secret, or write into the directory."""
    open_ones = [f"{path} (mode {path.stat().st_mode & 0o777:04o})" for path in _secrets(directory) if _loose(path)]
    if directory.stat().st_mode & 0o022:
        open_ones.insert(0, f"{directory} (mode {directory.stat().st_mode & 0o777:04o})")
    if open_ones:
        what = sentence("Run: chmod go-rwx {directory} and chmod 600 on each file.", directory=directory)
        known = N_("If others work on this machine, take the keys for known to them: liaison-node keys replace DIR.")
        return failed(
            "files", sentence("Others can read or change {number} of this node's files.", number=len(open_ones)),
            f"{what} {known}", "\n".join(open_ones[:20]),
        )  # fmt: skip
    return passed("files", N_("Only the owner can read the secrets."), f"{directory}")


def _secrets(directory: Path) -> Iterator[Path]:
    # An enrolment beside the keys that it names holds their public parts.
    yield from (path for path in (directory / "keys").rglob("*") if path.is_file() and path.name != ENROLMENT_FILE)
    for pattern in ("secret", SETTINGS_FILE, f"{DATABASE_FILE}*"):
        yield from directory.glob(pattern)


def _loose(path: Path) -> bool:
    return bool(path.stat().st_mode & 0o077)


def _keys(directory: Path, settings: Settings) -> tuple[Node | None, Check]:
    try:
        node = within(DATABASE_SECONDS, lambda: build_unchanged(settings))
        in_use = node.reading.in_use()
        load_keys(directory, in_use)
        following = _following(node, in_use)
    except (BadKey, OSError, ValueError) as error:
        return None, failed("keys", N_("A key is missing, damaged, or others can read it."), _RESTORE, str(error))
    signing = node.keys.current(in_use).public.thumbprint
    detail = f"signing {signing}\nnext {following}\nin {key_set(directory, in_use.key_set)}"
    return node, passed("keys", N_("All keys of this node are there."), detail)


def _following(node: Node, in_use: InUse) -> str:
    """The next key may be kept elsewhere: that is how it is safest."""
    try:
        return node.keys.following(in_use).public.thumbprint
    except BadKey as error:
        if os.strerror(errno.ENOENT) in str(error):
            return "kept elsewhere"
        raise
