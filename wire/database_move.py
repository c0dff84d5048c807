"""Moves a service to another database: copied, the old one marked, then the settings; broken off anywhere, done again.

In the place of their version both databases say how far it has come, so that software refuses what it must not use.
"""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.exc import ArgumentError, DBAPIError

from wire.archive import MOVED_ASIDE
from wire.database import cause_of, newest_version, open_database, schema_version, sqlite_file, sqlite_url
from wire.database_copy import CannotMove, Content, Progress, copy
from wire.database_marks import ARRIVED, ARRIVING, MOVED, write_version
from wire.durable_file import replace_durably, sync_folder
from wire.settings_line import with_value


@dataclass(frozen=True)
class Home:
    """Where a service names its database: in its settings, or in a variable that comes before them.

    `database` is the URL as it is now, `own` the file that an empty setting means.
    """

    database: str
    settings: Path
    variable: str
    own: Path

    @property
    def by_variable(self) -> bool:
        """Whether the variable is set: then the settings are not asked."""
        return bool(os.environ.get(self.variable))


@dataclass(frozen=True)
class Moved:
    """A move that is done. `old` is the file of the old database, None where it is none; `by_variable` as before."""

    old: Path | None
    by_variable: bool


def move(home: Home, url: str, content: Content, step: Progress) -> Moved:
    """Move a service that does not run; CannotMove, and nothing has changed, if something is in the way.

    Run again after it was broken off, it goes on, or begins anew.
    """
    url = _named(url, home)
    settings = None if home.by_variable else _new_settings(home, url)
    newest = newest_version(content.scripts)
    with _opened(url, "new") as target:
        if url == _in_one_form(home.database):
            _finish_here(target, newest)
            return Moved(None, home.by_variable)
        with _opened(home.database, "old", make=False) as source:
            _bring_over(source, target, content, newest, step)
        if settings is not None:
            replace_durably(home.settings, settings)
        _write(target, newest)
    old = sqlite_file(home.database)
    if old is not None and not home.by_variable:  # or else an empty file would be made in its place by its name
        old = _set_aside(old)
    return Moved(old, home.by_variable)


def _named(url: str, home: Home) -> str:
    """Give the URL of a new database in one form; CannotMove if it is none that can be."""
    try:
        open_database(url).dispose()
        file = sqlite_file(url)
        known = file.name != ":memory:" if file is not None else not url.startswith("sqlite")
    except ArgumentError:
        file, known = None, False
    if not known:
        raise CannotMove(
            f"the new database is no URL such as sqlite:////folder/{home.own.name} or postgresql://user@host/name"
        )
    if file is not None and not file.absolute().parent.is_dir():
        raise CannotMove(f"{file} lies in no folder that is there: make it, or name a file in another one")
    return _in_one_form(url)


def _in_one_form(url: str) -> str:
    """Give the same URL for the same file."""
    file = sqlite_file(url)
    return url if file is None else sqlite_url(file)


def _new_settings(home: Home, url: str) -> bytes:
    value = "" if url == sqlite_url(home.own) else url
    try:
        return with_value(home.settings.read_bytes(), "database", value)
    except ValueError:
        raise CannotMove(
            f"{home.settings} is written so that its line database cannot be changed by itself. Put the URL of the "
            f"database as it is now into the variable {home.variable} and run this again; then change that by hand"
        ) from None


@contextmanager
def _opened(url: str, which: str, *, make: bool = True) -> Iterator[Engine]:
    file = sqlite_file(url)
    if file is not None and make:
        file.touch(mode=0o600)  # SQLite's side files take over its mode
        sync_folder(file.parent)  # before the old database says that it was moved
    elif file is not None and not file.exists():
        raise CannotMove(f"there is no database to move: {file} is missing")
    try:
        engine = open_database(url)
        schema_version(engine)
    except ArgumentError:
        raise CannotMove(f"the {which} database is no URL such as postgresql://user@host/name") from None
    except DBAPIError as error:
        raise CannotMove(f"the {which} database cannot be opened: {cause_of(error)}. Nothing was changed") from None
    try:
        yield engine
    finally:
        engine.dispose()  # the last to close a SQLite file brings its journal into it


def _bring_over(source: Engine, target: Engine, content: Content, newest: str, step: Progress) -> None:
    """Have all of it in the new database, and the old one marked; it may be so already."""
    was, found = schema_version(source) or "", schema_version(target) or ""
    number = was.removeprefix(MOVED)
    if number == was:
        _check_version(was, newest)
        number = secrets.token_hex(8)
        copy(source, target, content, number, step)
    elif found not in {f"{ARRIVING}{number}", f"{ARRIVED}{number}"}:
        raise CannotMove(
            "the old database was moved already: name the one that it was moved to in the settings, or in the variable "
            "if it is set; docs/operations.md says how"
        )
    _write(target, f"{ARRIVED}{number}")


def _check_version(was: str, newest: str) -> None:
    if was == newest:
        return
    if was and was < newest:
        raise CannotMove(
            f"the old database is older than this software: its tables are of version {was}, not {newest}. Start and "
            "stop the service once, which brings it up to date, and run this again"
        )
    raise CannotMove(
        f"the old database cannot be moved by this software: its tables are of version {was or 'none'}, and it moves "
        f"those of version {newest}. Use the software that runs with it, or correct the settings"
    )


def _finish_here(target: Engine, newest: str) -> None:
    """End a move that was broken off after the settings had named the new database."""
    if not (schema_version(target) or "").startswith(ARRIVED):
        raise CannotMove("that is the database that is in use now: name a new one that is empty")
    _write(target, newest)


def _write(target: Engine, version: str) -> None:
    with target.begin() as connection:
        write_version(connection, version)


def _set_aside(file: Path) -> Path:
    """Rename the file of the old database, unless a process has it open or such a file is there already."""
    aside = file.with_name(file.name + MOVED_ASIDE)
    if aside.exists() or file.with_name(f"{file.name}-wal").exists():
        return file
    file.rename(aside)
    sync_folder(file.parent)
    return aside


def told(moved: Moved, home: Home) -> list[str]:
    """Say what was done, and what is left to do; no URL is in it, as one may hold a password."""
    named = f"{home.settings} names it now."
    if moved.by_variable:
        named = (
            f"{home.variable} is set, so that nothing was written to {home.settings}: change the variable to the new "
            "URL now, for the service and for commands."
        )
    old = "The old database" if moved.old is None else f"The old database, {moved.old},"
    return [
        f"The new database holds all of it, and was compared with the old one. {named}",
        f"{old} is marked as moved: nothing here opens it any more, and it is never to be used again.",
        "Make a backup of the new one, then destroy the old one: what is erased from now on would stay in it.",
    ]
