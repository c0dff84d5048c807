"""A hub's backup: what is in it, that its log is checked, and that what is newer where it is restored stays."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from hub.backup import DATABASE_FILE, NoBackup, back_up, restore, try_out
from hub.keyring import load_keys
from hub.last_checkpoint import LastCheckpoint
from hub.registrar import sole_owner
from hub.schema import MIGRATIONS, open_store
from hub.settings import read_settings
from tests.hub.commands import Command
from wire.archive import files_of, read_manifest, write_archive
from wire.checkpoint import Checkpoint, sign_checkpoint
from wire.database import copy_sqlite, newest_version, open_database, sqlite_url

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)


def tables_said_to_be(database: str, version: str) -> None:
    engine = open_database(database)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :version"), {"version": version})
    engine.dispose()


def sign_last(directory: Path, size: int, root: bytes = bytes(32)) -> None:
    keyring = load_keys(directory)
    note = sign_checkpoint(Checkpoint(keyring.trust.origin, size, root), keyring.log)
    LastCheckpoint(directory, keyring.trust).write(note)


def test_it_is_made_beside_a_running_hub_and_tested(
    hub: Command, directory: Path, enrolment: Path, tmp_path: Path
) -> None:
    assert hub("admit", directory, enrolment)[0] == 0
    (directory / "jetstream").mkdir(exist_ok=True)
    (directory / "jetstream" / "block").write_text("the bus's own")
    (directory / "erased").write_text("")
    with sole_owner(directory):
        back_up(read_settings(directory), tmp_path / "it", NOON)
    assert (tmp_path / "it").stat().st_mode & 0o777 == 0o600
    names = set(read_manifest(tmp_path / "it").files)
    assert {"hub.sqlite", "hub.toml", "trust.json", "erased", "keys/log.pem", "root/root-1.pem"} <= names
    assert not any(name.startswith(("jetstream", "bus/", "hub.lock", "hub.sqlite-")) for name in names)
    content = try_out(tmp_path / "it")
    assert (content.network, content.entries) == ("exercise.example", 2)


def test_a_backup_whose_log_is_not_the_one_that_was_signed_is_no_good(directory: Path, tmp_path: Path) -> None:
    sign_last(directory, 1)
    back_up(read_settings(directory), tmp_path / "it", NOON)
    with pytest.raises(NoBackup, match="last checkpoint"):
        try_out(tmp_path / "it")


def test_of_a_database_that_is_not_the_hubs_no_backup_is_made(directory: Path, tmp_path: Path) -> None:
    settings = replace(read_settings(directory), database=sqlite_url(tmp_path / "other.sqlite"))
    with pytest.raises(NoBackup, match="is missing"):
        back_up(settings, tmp_path / "it", NOON)
    open_store(settings).dispose()
    with pytest.raises(NoBackup, match="is empty"):
        back_up(settings, tmp_path / "it", NOON)
    assert not (tmp_path / "it").exists()


def test_it_names_the_version_that_the_tables_have_and_that_of_newer_software_is_refused(
    directory: Path, tmp_path: Path
) -> None:
    settings = read_settings(directory)
    known = newest_version(MIGRATIONS)
    assert back_up(settings, tmp_path / "it", NOON).about["schema"] == known
    tables_said_to_be(settings.database, "0013")
    assert back_up(settings, tmp_path / "older", NOON).about["schema"] == "0013"
    tables_said_to_be(settings.database, "0099")
    with pytest.raises(NoBackup, match=f"of version 0099, and this software knows those up to {known}. Make the"):
        back_up(settings, tmp_path / "newer", NOON)
    assert not (tmp_path / "newer").exists()


def test_a_backup_of_newer_software_is_neither_good_nor_restored(directory: Path, tmp_path: Path) -> None:
    settings = read_settings(directory)
    tables_said_to_be(settings.database, "0099")
    copy_sqlite(directory / DATABASE_FILE, tmp_path / "copy")
    files = [(DATABASE_FILE, tmp_path / "copy"), *files_of(directory, ("hub.lock",), directory / DATABASE_FILE)]
    about = {"service": "liaison-hub", "database": "sqlite"}
    for number, schema in enumerate((newest_version(MIGRATIONS), "0099")):  # older software named its own
        file = tmp_path / f"of-newer-{number}"
        write_archive(file, {**about, "schema": schema}, files)
        for work in (lambda: try_out(file), lambda: restore(tmp_path / "again", file)):  # noqa: B023 - called here
            with pytest.raises(NoBackup, match="newer software"):
                work()
        assert [*(tmp_path / "again").glob("*")] == []


def test_it_is_restored_with_its_keys_and_database(directory: Path, tmp_path: Path) -> None:
    back_up(read_settings(directory), tmp_path / "it", NOON)
    assert restore(tmp_path / "again", tmp_path / "it").entries == 1
    assert load_keys(tmp_path / "again").log.public == load_keys(directory).log.public
    open_store(read_settings(tmp_path / "again")).dispose()
    assert {path.stat().st_mode & 0o077 for path in (tmp_path / "again").rglob("*")} == {0}
    with pytest.raises(NoBackup, match="not empty"):
        restore(tmp_path / "again", tmp_path / "it")


def test_who_has_ended_mail_since_stays_in_the_list_where_a_backup_is_restored(directory: Path, tmp_path: Path) -> None:
    (directory / "unsubscribed").write_text("older")
    back_up(read_settings(directory), tmp_path / "it", NOON)
    restore(tmp_path / "empty", tmp_path / "it")
    assert (tmp_path / "empty" / "unsubscribed").read_text() == "older"
    (tmp_path / "again").mkdir()
    (tmp_path / "again" / "unsubscribed").write_text("newer")
    restore(tmp_path / "again", tmp_path / "it")
    assert (tmp_path / "again" / "unsubscribed").read_text() == "newer"


def test_a_postgresql_database_is_left_to_pg_dump_and_a_node_is_no_hub(directory: Path, tmp_path: Path) -> None:
    settings = replace(read_settings(directory), database="postgresql://host/name")
    assert "hub.sqlite" not in back_up(settings, tmp_path / "it", NOON).files
    assert try_out(tmp_path / "it").entries is None
    (tmp_path / "other").write_bytes(b"no backup")
    with pytest.raises(NoBackup, match="is no backup"):
        try_out(tmp_path / "other")
