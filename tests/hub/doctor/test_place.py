"""What lies on the machine: settings, modes of files, database, backup."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from hub.backup import BACKUP_FILE, back_up
from hub.doctor.place import check_backup, check_database, check_files, check_settings
from hub.settings import PREFIX, read_settings
from wire.database import open_database
from wire.database_marks import write_version
from wire.examination import Result

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)


def test_settings_that_cannot_be_read_are_told_in_a_sentence(directory: Path, tmp_path: Path) -> None:
    settings, check = check_settings(directory)
    assert (settings is not None, check.result) == (True, Result.PASS)
    settings, check = check_settings(tmp_path / "nothing")
    assert (settings, check.result) == (None, Result.FAIL)


def test_a_misspelled_variable_is_told_with_the_name_that_was_meant(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PREFIX + "PROXYS", "10.0.0.1")
    settings, check = check_settings(directory)
    assert (settings is not None, check.result) == (True, Result.WARNING)
    assert f"{PREFIX}PROXYS is not known" in check.cause
    assert f"{PREFIX}PROXIES" in check.cause


def test_a_secret_that_others_can_read_is_named_with_its_mode(directory: Path) -> None:
    settings = read_settings(directory)
    assert check_files(directory, settings).result is Result.PASS
    (directory / "keys" / "log.pem").chmod(0o640)
    (directory / "hub.sqlite").chmod(0o644)
    assert "hub.sqlite" not in check_files(directory, settings).detail, "nobody else may enter the directory"
    directory.chmod(0o755)
    found = check_files(directory, settings)
    assert found.result is Result.FAIL
    assert "log.pem (mode 0640)" in found.detail
    assert "hub.sqlite (mode 0644)" in found.detail
    assert "chmod" in found.what_to_do


def test_a_directory_into_which_others_can_write_fails(directory: Path) -> None:
    directory.chmod(0o777)
    assert f"{directory} (mode 0777)" in check_files(directory, read_settings(directory)).detail


def test_a_database_is_asked_and_not_brought_up_to_date(directory: Path) -> None:
    settings = read_settings(directory)
    engine, check = check_database(settings)
    assert engine is not None
    assert check.result is Result.PASS
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    engine.dispose()
    engine, check = check_database(settings)
    assert (engine, check.result) == (None, Result.WARNING)
    assert "0001" in check.detail
    engine = open_database(settings.database)
    with engine.begin() as connection:
        assert connection.scalar(text("SELECT version_num FROM alembic_version")) == "0001"
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    assert check_database(settings)[1].result is Result.FAIL
    with engine.begin() as connection:
        write_version(connection, "moved-1")
    engine.dispose()
    assert "was moved to another one" in check_database(settings)[1].cause


def test_either_sort_of_database_is_asked(directory: Path, any_engine: Engine) -> None:
    url = any_engine.url.set(drivername=any_engine.dialect.name).render_as_string(hide_password=False)
    engine, check = check_database(replace(read_settings(directory), database=url))
    assert check.result is Result.PASS, check
    assert engine is not None
    engine.dispose()


def test_a_database_that_is_gone_is_not_made_anew(directory: Path) -> None:
    settings = read_settings(directory)
    for path in directory.glob("hub.sqlite*"):
        path.unlink()
    assert check_database(settings)[1].result is Result.FAIL
    assert not (directory / "hub.sqlite").exists()


def test_a_database_that_is_away_is_told_without_its_password(directory: Path) -> None:
    url = "postgresql://liaison:very-secret@127.0.0.1:1/hub"
    check = check_database(replace(read_settings(directory), database=url))[1]
    assert check.result is Result.FAIL
    assert "very-secret" not in str(check)


def test_the_age_of_the_last_backup_is_known_from_the_last_time_it_was_made(directory: Path, tmp_path: Path) -> None:
    assert check_backup(directory, NOON, postgresql=False).result is Result.WARNING
    back_up(read_settings(directory), tmp_path / "it", NOON)
    assert json.loads((directory / BACKUP_FILE).read_bytes()) == {"at": "2026-11-26T12:00:00.000Z"}
    assert check_backup(directory, NOON + timedelta(days=1), postgresql=False).result is Result.PASS
    old = check_backup(directory, NOON + timedelta(days=9), postgresql=True)
    assert old.result is Result.WARNING
    assert "9 days ago" in old.cause
    assert "pg_dump" in old.detail
