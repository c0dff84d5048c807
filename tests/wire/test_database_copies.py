"""Copies of a SQLite database: whole while others write, for the owner only, without what was deleted."""

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import text

from wire.database import copy_sqlite, open_database, sqlite_damage, sqlite_file, sqlite_url


def test_a_copy_is_of_one_moment_though_a_writer_is_at_work(tmp_path: Path) -> None:
    engine = open_database(sqlite_url(tmp_path / "it.sqlite"))
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE t (x TEXT)"))
        connection.execute(text("INSERT INTO t VALUES ('kept')"))
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO t VALUES ('not committed')"))
        copy_sqlite(tmp_path / "it.sqlite", tmp_path / "copy")
    engine.dispose()
    assert (tmp_path / "copy").stat().st_mode & 0o777 == 0o600
    assert sqlite_damage(tmp_path / "copy") == ""
    with sqlite3.connect(tmp_path / "copy") as connection:
        assert connection.execute("SELECT x FROM t").fetchall() == [("kept",)]
    with pytest.raises(FileExistsError):
        copy_sqlite(tmp_path / "it.sqlite", tmp_path / "copy")


def test_a_damaged_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "it").write_bytes(b"no database" * 1000)
    assert "not a database" in sqlite_damage(tmp_path / "it")


def test_the_file_of_a_url_is_known_where_it_has_one(tmp_path: Path) -> None:
    assert sqlite_file(sqlite_url(tmp_path / "it")) == tmp_path / "it"
    assert sqlite_file("postgresql://host/name") is None
