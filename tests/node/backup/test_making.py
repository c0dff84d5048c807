"""What belongs to a node's backup, and that it is made beside a running node without losing or showing anything."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from node.backup import NoBackup, back_up, last_backup
from node.lock import sole_server
from node.node import Node
from node.rotating import rotate
from node.store.opening import MIGRATIONS
from tests.node.nodes import joined_node, noon
from wire.archive import read_manifest
from wire.database import newest_version, sqlite_url


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    node = joined_node(tmp_path / "node")
    yield node
    node.engine.dispose()


def tables_said_to_be(node: Node, version: str) -> None:
    with node.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :version"), {"version": version})


def test_keys_settings_database_and_evidence_are_in_it_beside_a_running_node(node: Node, tmp_path: Path) -> None:
    directory, target = node.settings.directory, tmp_path / "it"
    (directory / "evidence").mkdir()
    (directory / "evidence" / "late-1.json").write_text("{}")
    (directory / "witness.json").write_text("{}")
    (directory / "backups").mkdir()
    (directory / "backups" / "older").write_text("not again")
    (directory / ".witness.json.new").write_text("half")
    with sole_server(directory):
        manifest = back_up(node.settings, target, noon())
    assert target.stat().st_mode & 0o777 == 0o600
    assert manifest == read_manifest(target)
    assert set(manifest.files) == {
        "node.sqlite", "node.toml", "secret", "enrolment.json", "trust.json", "witness.json", "evidence/late-1.json",
        "keys/signing.pem", "keys/next.pem", "keys/witness.pem", "keys/encryption.pem", "keys/bus.nk",
    }  # fmt: skip
    assert (manifest.about["organization"], manifest.about["at"]) == ("xa-centre", "2026-11-24T12:00:00.000Z")
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_a_key_that_a_rotation_made_is_in_it(node: Node, tmp_path: Path) -> None:
    made = rotate(node).next_file
    assert f"keys/{made.name}" in back_up(node.settings, tmp_path / "it", noon()).files


def test_the_last_backup_is_remembered_and_not_part_of_the_next(node: Node, tmp_path: Path) -> None:
    assert last_backup(node.settings.directory) is None
    back_up(node.settings, tmp_path / "it", noon())
    last = last_backup(node.settings.directory)
    assert last is not None
    assert (last.at, last.file, last.size) == (
        "2026-11-24T12:00:00.000Z", str(tmp_path / "it"), (tmp_path / "it").stat().st_size,
    )  # fmt: skip
    assert "last-backup.json" not in back_up(node.settings, tmp_path / "it2", noon()).files


def test_nothing_is_overwritten_and_no_backup_lies_in_what_is_backed_up(node: Node, tmp_path: Path) -> None:
    (tmp_path / "it").write_text("something")
    with pytest.raises(FileExistsError, match="not overwritten"):
        back_up(node.settings, tmp_path / "it", noon())
    with pytest.raises(NoBackup, match="elsewhere"):
        back_up(node.settings, node.settings.directory / "it", noon())


def test_it_names_the_version_that_the_tables_have_and_that_of_newer_software_is_refused(
    node: Node, tmp_path: Path
) -> None:
    known = newest_version(MIGRATIONS)
    assert back_up(node.settings, tmp_path / "it", noon()).about["schema"] == known
    tables_said_to_be(node, "0014")
    assert back_up(node.settings, tmp_path / "older", noon()).about["schema"] == "0014"
    tables_said_to_be(node, "0099")
    with pytest.raises(NoBackup, match=f"of version 0099, and this software knows those up to {known}. Make the"):
        back_up(node.settings, tmp_path / "newer", noon())
    assert not (tmp_path / "newer").exists()


def test_of_a_database_that_is_no_nodes_no_backup_is_made(node: Node, tmp_path: Path) -> None:
    empty = replace(node.settings, database=sqlite_url(tmp_path / "empty.sqlite"))
    (tmp_path / "empty.sqlite").touch()
    with pytest.raises(NoBackup, match="holds no node"):
        back_up(empty, tmp_path / "it", noon())


def test_a_postgresql_database_is_left_to_pg_dump(node: Node, tmp_path: Path) -> None:
    settings = replace(node.settings, database="postgresql://host/name")
    manifest = back_up(settings, tmp_path / "it", noon())
    assert manifest.about["database"] == "postgresql"
    assert "node.sqlite" not in manifest.files
    assert "keys/signing.pem" in manifest.files
