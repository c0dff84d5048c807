"""What a backup says of the tables in it is what their database says, and that one stays as it is."""

from pathlib import Path

import pytest
from sqlalchemy import text

from hub.schema import MIGRATIONS
from tests.migrated import migrated_file
from wire.backup_version import version_for_backup
from wire.database import NewerDatabase, copy_sqlite, newest_version, open_database


def said_to_be(url: str, version: str) -> None:
    engine = open_database(url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE IF NOT EXISTS alembic_version (version_num VARCHAR(32))"))
        connection.execute(text("DELETE FROM alembic_version"))
        connection.execute(text("INSERT INTO alembic_version VALUES (:version)"), {"version": version})
    engine.dispose()


def test_the_copy_is_read_and_not_changed(tmp_path: Path) -> None:
    url = migrated_file(tmp_path / "its.sqlite", MIGRATIONS)
    copy_sqlite(tmp_path / "its.sqlite", tmp_path / "copy")
    before = (tmp_path / "copy").read_bytes()
    said_to_be(url, "0003")  # since it was copied
    assert version_for_backup(url, tmp_path / "copy", MIGRATIONS) == newest_version(MIGRATIONS)
    assert (tmp_path / "copy").read_bytes() == before
    assert sorted(path.name for path in tmp_path.glob("copy*")) == ["copy"]


def test_a_file_without_tables_has_no_version(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    assert version_for_backup("sqlite:///nothing", tmp_path / "empty", MIGRATIONS) == ""


def test_postgresql_is_asked_and_newer_software_refused(postgres_url: str) -> None:
    assert version_for_backup(postgres_url, None, MIGRATIONS) == ""
    said_to_be(postgres_url, "0013")
    assert version_for_backup(postgres_url, None, MIGRATIONS) == "0013"
    said_to_be(postgres_url, "0099")
    with pytest.raises(NewerDatabase, match="Make the backup with that software"):
        version_for_backup(postgres_url, None, MIGRATIONS)


def test_a_database_that_is_away_leaves_the_version_open() -> None:
    assert version_for_backup("postgresql://127.0.0.1:1/hub", None, MIGRATIONS) == ""
