"""The command liaison-node move-database: what it says, and that no password is in it."""

import gc
from pathlib import Path

import orjson
import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url

from node.lock import sole_server
from node.settings import read_settings
from tests.node.nodes import joined_node
from tests.node.test_cli import done, in_a_sentence, run
from wire.database import open_database

NEW = "LIAISON_NODE_NEW_DATABASE"


@pytest.fixture
def node(tmp_path: Path) -> Path:
    joined_node(tmp_path / "node").engine.dispose()
    return tmp_path / "node"


def test_a_node_is_moved_and_the_old_database_is_refused(
    node: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, old = done("list", node, "--json"), read_settings(node).database
    url = make_url(postgres_url).set(password="geheim").render_as_string(hide_password=False)
    monkeypatch.setenv(NEW, url)
    gc.collect()  # what commands in this process have left open: then the file would stay where it is
    told = run("move-database", node)
    in_a_sentence(told, 0, "compared with the old one", "node.sqlite.moved, is marked", "then destroy the old one")
    assert "geheim" not in told.stderr
    assert (read_settings(node).database, (node / "node.toml").stat().st_mode & 0o777) == (url, 0o600)
    assert done("list", node, "--json") == before
    monkeypatch.setenv("LIAISON_NODE_DATABASE", f"{old}.moved")
    for command in ("list", "status", "serve"):
        in_a_sentence(run(command, node), 1, "was moved to another one", "never to be used again")
    monkeypatch.delenv("LIAISON_NODE_DATABASE")
    in_a_sentence(run("move-database", node), 1, "that is the database that is in use now")
    in_a_sentence(run("move-database", node, old), 0, "The old database is marked as moved")
    in_a_sentence(run("move-database", node, url), 1, "the new database is not empty")
    assert done("list", node, "--json") == before
    with open_database(url).connect() as connection:
        assert str(connection.scalar(text("SELECT version_num FROM alembic_version"))).startswith("moved-")


def test_what_is_in_the_way_is_told_in_a_sentence(node: Path, postgres_url: str, tmp_path: Path) -> None:
    with sole_server(node):
        in_a_sentence(run("move-database", node, postgres_url), 1, "is served already", "stop that one first")
    assert run("move-database", node).returncode == 2
    in_a_sentence(run("move-database", node, "mysql://host/name"), 1, "the new database is no URL such as")
    in_a_sentence(run("move-database", tmp_path, postgres_url), 1, "holds no node")
    url = make_url(postgres_url)
    nobody = url.set(username="nobody", password="geheim").render_as_string(hide_password=False)
    told = run("move-database", node, nobody)
    in_a_sentence(told, 1, "the new database cannot be opened: connection failed")
    assert "geheim" not in told.stderr
    engine = open_database(postgres_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE ROLE makes_none LOGIN"))
    theirs = url.set(username="makes_none").render_as_string(hide_password=False)
    in_a_sentence(run("move-database", node, theirs), 1, "does not let this user do it: permission denied")
    with engine.begin() as connection:
        connection.execute(text("DROP ROLE makes_none"))
    engine.dispose()
    assert orjson.loads(done("list", node, "--json"))


def test_where_the_variable_is_set_the_command_says_that_it_is_to_be_changed(
    node: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = (node / "node.toml").read_bytes()
    monkeypatch.setenv("LIAISON_NODE_DATABASE", read_settings(node).database)
    new = f"sqlite:///{tmp_path / 'new.sqlite'}"
    in_a_sentence(run("move-database", node, new), 0, "LIAISON_NODE_DATABASE is set", "change the variable")
    assert (node / "node.toml").read_bytes() == settings
    in_a_sentence(run("list", node), 1, "was moved to another one")
    monkeypatch.setenv("LIAISON_NODE_DATABASE", new)
    assert orjson.loads(done("list", node, "--json"))
