"""The command liaison-hub move-database: what it says, that no password is in it, and that words are read anew."""

import gc
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url

from hub import search
from hub.registrar import sole_owner
from hub.settings import read_settings
from tests.hub.commands import Command
from tests.wire.test_database_copy import opened


def test_a_hub_is_moved_and_the_old_database_is_refused(
    hub: Command, directory: Path, enrolment: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert hub("admit", directory, enrolment)[0] == 0
    before, old = hub("nodes", directory, "--json")[1], read_settings(directory).database
    url = make_url(postgres_url).set(password="geheim").render_as_string(hide_password=False)
    monkeypatch.setenv("LIAISON_HUB_NEW_DATABASE", url)
    gc.collect()  # what commands in this process have left open: then the file would stay where it is
    status, out, said = hub("move-database", directory)
    assert (status, out) == (0, b"")
    assert "compared with the old one" in said
    assert "hub.sqlite.moved, is marked as moved" in said
    assert "geheim" not in said
    assert (read_settings(directory).database, (directory / "hub.toml").stat().st_mode & 0o777) == (url, 0o600)
    assert hub("nodes", directory, "--json")[1] == before
    with opened(url) as engine, engine.connect() as connection:
        assert search.position(connection) == 2, "what records are found by is there before anybody asks"
    monkeypatch.setenv("LIAISON_HUB_DATABASE", f"{old}.moved")
    for command in ("nodes", "rebuild", "serve"):
        assert "was moved to another one" in hub(command, directory)[2]
    monkeypatch.delenv("LIAISON_HUB_DATABASE")
    assert hub("move-database", directory, old)[0] == 0
    assert "the new database is not empty" in hub("move-database", directory, url)[2]
    assert hub("nodes", directory, "--json")[1] == before


def test_what_is_in_the_way_is_told_in_a_sentence(
    hub: Command, directory: Path, postgres_url: str, tmp_path: Path
) -> None:
    with sole_owner(directory):
        status, _, said = hub("move-database", directory, postgres_url)
    assert (status, "a hub is running" in said) == (1, True)
    url, engine_words = make_url(postgres_url), ("CREATE ROLE has_none LOGIN", "DROP ROLE has_none")
    with opened(postgres_url) as engine:
        with engine.begin() as connection:
            connection.execute(text(engine_words[0]))
        for name, word in {"has_none": "does not let this user do it", "nobody": "cannot be opened"}.items():
            theirs = url.set(username=name, password="geheim").render_as_string(hide_password=False)
            status, _, said = hub("move-database", directory, theirs)
            assert (status, word in said, "geheim" in said) == (1, True, False)
        with engine.begin() as connection:
            connection.execute(text(engine_words[1]))
    assert "is no URL" in hub("move-database", directory, "mysql://host/name")[2]
    assert "liaison-hub init" in hub("move-database", tmp_path, postgres_url)[2]
    assert hub("nodes", directory)[0] == 0


def test_where_the_variable_is_set_the_command_says_that_it_is_to_be_changed(
    hub: Command, directory: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = (directory / "hub.toml").read_bytes()
    monkeypatch.setenv("LIAISON_HUB_DATABASE", read_settings(directory).database)
    new = f"sqlite:///{tmp_path / 'new.sqlite'}"
    assert "change the variable to the new" in hub("move-database", directory, new)[2]
    assert (directory / "hub.toml").read_bytes() == settings
    assert "was moved to another one" in hub("nodes", directory)[2]
    monkeypatch.setenv("LIAISON_HUB_DATABASE", new)
    assert hub("nodes", directory)[0] == 0
