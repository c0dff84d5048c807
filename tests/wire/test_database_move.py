"""The order of a move: broken off between any two steps, nobody can go on from both databases."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url

from node.store.opening import MIGRATIONS
from tests.every_table import fill
from tests.migrated import migrated_engine
from tests.wire.test_database_copy import CONTENTS, opened, read, silent
from wire import database_copy, database_move
from wire.database import MovedDatabase, migrate, open_database, sqlite_url
from wire.database_copy import CannotMove
from wire.database_move import Home, Moved, move, told

CONTENT = CONTENTS["node"]
VARIABLE = "LIAISON_NODE_DATABASE"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A service on the SQLite file that an empty setting means."""
    engine = migrated_engine(tmp_path / "own.sqlite", MIGRATIONS)
    with engine.begin() as connection:
        fill(connection, CONTENT.metadata)
    engine.dispose()
    (tmp_path / "settings.toml").write_text('# mine\ndatabase = ""\nbus = "x"\n')
    return Home(sqlite_url(tmp_path / "own.sqlite"), tmp_path / "settings.toml", VARIABLE, tmp_path / "own.sqlite")


def usable(url: str) -> bool:
    engine = open_database(url)
    try:
        migrate(engine, MIGRATIONS)
    except MovedDatabase:
        return False
    finally:
        engine.dispose()
    return True


def again(home: Home) -> Home:
    """The same service as its settings have it now."""
    named = home.settings.read_text().split('database = "')[1].split('"')[0]
    return Home(named or sqlite_url(home.own), home.settings, home.variable, home.own)


def content_of(url: str) -> dict[str, Any]:
    with opened(url) as engine:
        return read(engine, CONTENT)


def test_the_settings_name_the_new_one_and_the_old_one_is_out_of_the_way(home: Home, tmp_path: Path) -> None:
    before, url = content_of(home.database), sqlite_url(tmp_path / "new.sqlite")
    aside = tmp_path / "own.sqlite.moved"
    assert move(home, url, CONTENT, silent) == Moved(aside, False)
    assert home.settings.read_text() == f'# mine\ndatabase = "{url}"\nbus = "x"\n'
    assert {path.stat().st_mode & 0o777 for path in (home.settings, tmp_path / "new.sqlite")} == {0o600}
    assert sorted(path.name for path in tmp_path.glob("own*")) == ["own.sqlite.moved"]
    assert (usable(url), usable(sqlite_url(aside)), content_of(url)) == (True, False, before)
    back = move(again(home), home.database, CONTENT, silent)
    assert home.settings.read_text() == '# mine\ndatabase = ""\nbus = "x"\n'
    assert (back.old, content_of(home.database)) == (tmp_path / "new.sqlite.moved", before)
    # The name of the old one is taken now: it stays where it is, marked all the same.
    move(home, url, CONTENT, silent)
    assert move(again(home), sqlite_url(tmp_path / "third"), CONTENT, silent).old == tmp_path / "new.sqlite"
    assert not usable(url)


@pytest.fixture
def breaks(monkeypatch: pytest.MonkeyPatch) -> Callable[[Any, str, int], list[int]]:
    """Let a function be interrupted at one of its calls; gives the calls, to prove that it was."""

    def breaking(where: Any, name: str, at: int) -> list[int]:
        calls: list[int] = []
        real = getattr(where, name)

        def called(*words: Any) -> Any:
            calls.append(len(calls) + 1)
            if len(calls) == at:
                raise KeyboardInterrupt
            return real(*words)

        monkeypatch.setattr(where, name, called)
        return calls

    return breaking


STEPS = {
    "before the new one is whole": (database_copy, "_compare", 1),
    "before the old one is marked": (database_copy, "close", 1),
    "before the new one says so": (database_move, "_write", 1),
    "before the settings are written": (database_move, "replace_durably", 1),
    "before the new one can be used": (database_move, "_write", 2),
    "before the old one is set aside": (database_move, "_set_aside", 1),
}


@pytest.mark.parametrize("step", STEPS)
def test_broken_off_at_any_step_only_one_can_be_used_and_the_same_command_goes_on(
    home: Home, tmp_path: Path, breaks: Callable[[Any, str, int], list[int]], step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, url = content_of(home.database), sqlite_url(tmp_path / "new.sqlite")
    where, name, at = STEPS[step]
    calls = breaks(where, name, at)
    with pytest.raises(KeyboardInterrupt):
        move(home, url, CONTENT, silent)
    assert calls[-1] == at
    monkeypatch.undo()
    if step != "before the new one is whole":  # nothing to be opened yet
        assert not (usable(home.database) and usable(url))
    now = again(home)
    if step == "before the old one is set aside":
        with pytest.raises(CannotMove, match="in use now"):
            move(now, url, CONTENT, silent)
    else:
        move(now, url, CONTENT, silent)
    assert again(home).database == url
    assert (usable(url), content_of(url)) == (True, before)
    old = next(file for file in (tmp_path / "own.sqlite", tmp_path / "own.sqlite.moved") if file.exists())
    assert not usable(sqlite_url(old))


def test_where_the_variable_is_set_nothing_is_written_and_it_is_to_be_changed(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, home.database)
    settings = home.settings.read_bytes()
    moved = move(home, sqlite_url(tmp_path / "new.sqlite"), CONTENT, silent)
    assert moved == Moved(home.own, True), "the file stays: by its name an empty one would be made in its place"
    assert f"{VARIABLE} is set" in " ".join(told(moved, home))
    assert home.settings.read_bytes() == settings
    for name in ("new.sqlite", "other.sqlite"):
        with pytest.raises(CannotMove, match="moved already: name the one that it was moved to"):
            move(home, sqlite_url(tmp_path / name), CONTENT, silent)


def test_a_database_that_is_none_or_not_empty_is_told_and_nothing_is_changed(
    home: Home, tmp_path: Path, postgres_url: str
) -> None:
    before, settings = content_of(home.database), home.settings.read_bytes()
    secret = make_url(postgres_url).set(username="nobody", password="geheim").render_as_string(hide_password=False)
    (tmp_path / "text").write_text("no database at all, but a text of some length\n" * 100)
    for url, word in {
        "no url": "is no URL", "mysql://h/n": "is no URL", "sqlite://": "is no URL", "postgresql://h:x/n": "is no URL",
        "sqlite:///:memory:": "is no URL",
        sqlite_url(tmp_path / "none" / "x"): "in no folder that is there",
        sqlite_url(tmp_path / "text"): "the new database cannot be opened: file is not a database",
        secret: "the new database cannot be opened: connection failed", home.database: "in use now",
    }.items():  # fmt: skip
        with pytest.raises(CannotMove, match=word) as refused:
            move(home, url, CONTENT, silent)
        assert "geheim" not in str(refused.value)
    assert (content_of(home.database), home.settings.read_bytes(), usable(home.database)) == (before, settings, True)


@pytest.mark.parametrize(
    ("version", "word"), [("0001", "older than this software"), ("9999", "cannot be moved by this software")]
)
def test_a_source_of_another_version_is_refused(home: Home, tmp_path: Path, version: str, word: str) -> None:
    with opened(home.database) as engine, engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :version"), {"version": version})
    with pytest.raises(CannotMove, match=word):
        move(home, sqlite_url(tmp_path / "new.sqlite"), CONTENT, silent)
    home.own.rename(tmp_path / "gone")
    with pytest.raises(CannotMove, match="is missing"):
        move(home, sqlite_url(tmp_path / "new.sqlite"), CONTENT, silent)
    assert not home.own.exists()


def test_settings_that_cannot_be_changed_by_a_line_are_told_before_anything_is_done(home: Home, tmp_path: Path) -> None:
    home.settings.write_text('"database" = ""\n')
    with pytest.raises(CannotMove, match="cannot be changed by itself"):
        move(home, sqlite_url(tmp_path / "new.sqlite"), CONTENT, silent)
    assert usable(home.database)
    assert not (tmp_path / "new.sqlite").exists()
