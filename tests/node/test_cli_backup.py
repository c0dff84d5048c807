"""The commands about backups: what they say, and that they end with a sentence."""

from pathlib import Path

import orjson
import pytest
from sqlalchemy import text

from node.settings import DATABASE_FILE
from tests.node.nodes import joined_node
from tests.node.test_cli import done, in_a_sentence, run
from tests.wire.test_whole_file import full
from wire.database import open_database, schema_version, sqlite_url


@pytest.fixture
def node(tmp_path: Path) -> Path:
    joined_node(tmp_path / "node").engine.dispose()
    return tmp_path / "node"


def test_a_backup_is_made_tested_and_restored(node: Path, tmp_path: Path) -> None:
    file = tmp_path / "it.backup"
    in_a_sentence(run("backup", node, file), 0, "Keep it as you keep the keys", f"test-backup {file}")
    in_a_sentence(run("backup", node, file), 1, "not overwritten")
    form = orjson.loads(done("test-backup", file, "--json"))
    assert (form["organization"], form["statements"]) == ("xa-centre", 1)
    assert "organization     xa-centre" in done("test-backup", file)
    in_a_sentence(run("restore", tmp_path / "again", file), 0, "signs nothing now", "restore-chain")
    in_a_sentence(run("restore", tmp_path / "again", file), 1, "not empty")
    assert run("status", tmp_path / "again").returncode == 1, "the alarm says what to do"


def test_tables_of_an_older_version_stay_as_they_are(node: Path, tmp_path: Path) -> None:
    engine = open_database(sqlite_url(node / DATABASE_FILE))
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0014'"))
    in_a_sentence(run("backup", node, tmp_path / "it"), 0, "not noted in the trail: its tables are of version 0014")
    assert schema_version(engine) == "0014"
    engine.dispose()


def test_what_is_no_backup_is_refused(node: Path, tmp_path: Path) -> None:
    (tmp_path / "it").write_text("no backup")
    in_a_sentence(run("test-backup", tmp_path / "it"), 1, "is no backup")
    in_a_sentence(run("test-backup", tmp_path / "none"), 1, "No such file")
    in_a_sentence(run("restore", tmp_path / "again", tmp_path / "it"), 1, "is no backup")
    in_a_sentence(run("backup", node, node / "it"), 1, "elsewhere")


def test_errors_of_the_system_name_the_file_the_cause_and_what_to_do(node: Path, tmp_path: Path) -> None:
    file, again = tmp_path / "it", tmp_path / "again"
    done("backup", node, file)
    in_a_sentence(run("restore", again, node), 1, f"{node} is a directory; name the file of a backup")
    in_a_sentence(run("backup", node, tmp_path / "nowhere" / "b"), 1, f"{tmp_path}/nowhere/b: No such file")
    with full((node / DATABASE_FILE).stat().st_size + 1000):
        in_a_sentence(run("backup", node, tmp_path / "b"), 1, f"{tmp_path / 'b'}: File too large")
    with full():
        in_a_sentence(run("restore", again, file), 1, f"{again}: File too large")
    in_a_sentence(run("init", "/proc/x", "--org", "ke-nctc", "--name", "K"), 1, "/proc/x: No such file")


def test_of_a_postgresql_database_it_says_what_to_run(
    node: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIAISON_NODE_DATABASE", "postgresql://host/name")
    in_a_sentence(run("backup", node, tmp_path / "it"), 0, "NOT in it", "pg_dump")
    in_a_sentence(run("restore", tmp_path / "again", tmp_path / "it"), 0, "pg_restore")
