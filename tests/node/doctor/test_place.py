"""What lies on the machine: settings, database, modes of files, keys."""

from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from node.doctor.place import check_database, check_files, examine_place
from node.doctor.results import Check, Result
from node.settings import PREFIX, read_settings
from node.store.opening import MIGRATIONS
from tests.migrated import migrate_to
from tests.node.nodes import ORG, joined_node
from wire.database import open_database, schema_version, sqlite_url
from wire.key_sets import ENROLMENT_FILE, prepare_key_set


@pytest.fixture
def node(tmp_path: Path) -> Path:
    joined_node(tmp_path / "node").engine.dispose()
    for path in (tmp_path / "node").glob("node.sqlite*"):
        path.chmod(0o600)  # as init makes it
    return tmp_path / "node"


def results(directory: Path) -> dict[str, Check]:
    place = examine_place(directory)
    if place.node is not None:
        place.node.engine.dispose()
    return {each.name: each for each in place.checks}


def test_a_sound_directory_passes_and_no_key_is_shown(node: Path) -> None:
    found = results(node)
    assert {each.result for name, each in found.items() if name != "disk"} == {Result.PASS}
    assert (node / "secret").read_text(errors="replace") not in str(found)


def test_a_misspelled_variable_is_told_with_the_name_that_was_meant(
    node: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PREFIX + "DATABSE", "postgresql://very-secret")
    found = results(node)
    assert found["settings"].result is Result.WARNING
    assert f"{PREFIX}DATABSE is not known" in found["settings"].cause
    assert f"{PREFIX}DATABASE" in found["settings"].cause
    assert "very-secret" not in str(found)
    assert found["keys"].result is Result.PASS


def test_the_disk_is_looked_at_whatever_else_is_wrong(node: Path) -> None:
    assert "GiB are free" in results(node)["disk"].cause
    (node / "keys" / "witness.pem").unlink()
    assert "GiB are free" in results(node)["disk"].cause


def test_the_enrolment_beside_new_keys_holds_no_secret_and_fails_nothing(node: Path) -> None:
    prepare_key_set(node, 1, organization=ORG, name="Centre of Xandia")
    (node / "keys" / "2" / ENROLMENT_FILE).chmod(0o644)
    assert results(node)["files"].result is Result.PASS


def test_a_directory_without_a_node_is_told_in_a_sentence(tmp_path: Path) -> None:
    found = results(tmp_path)
    assert found["settings"].result is Result.FAIL
    assert "liaison-node init" in found["settings"].cause
    assert found["keys"].result is Result.NOT_CHECKED


def test_a_key_that_others_can_read_fails_and_is_named(node: Path) -> None:
    (node / "keys" / "witness.pem").chmod(0o644)
    found = results(node)
    assert found["files"].result is Result.FAIL
    assert "witness.pem (mode 0644)" in found["files"].detail
    assert found["keys"].result is Result.FAIL


def test_a_directory_into_which_others_can_write_fails(node: Path) -> None:
    node.chmod(0o777)
    assert check_files(node).result is Result.FAIL


def test_a_lost_key_is_told_and_a_next_key_that_is_kept_elsewhere_is_none(node: Path) -> None:
    (node / "keys" / "next.pem").unlink()
    found = results(node)["keys"]
    assert found.result is Result.PASS
    assert "next kept elsewhere" in found.detail
    (node / "keys" / "witness.pem").unlink()
    found = results(node)["keys"]
    assert found.result is Result.FAIL
    assert "witness.pem" in found.detail


def test_a_database_that_cannot_be_reached_is_told_without_its_password(node: Path) -> None:
    url = "postgresql://liaison:very-secret@127.0.0.1:1/node"
    check = check_database(read_settings(node, {"LIAISON_NODE_DATABASE": url}))
    assert check.result is Result.FAIL
    assert "very-secret" not in str(check)
    (node / "node.sqlite").write_bytes(b"no database at all" * 1000)
    found = results(node)
    assert (found["database"].result, found["keys"].result) == (Result.FAIL, Result.NOT_CHECKED)


def made_older(node: Path, version: str) -> Engine:
    """Put a database with the tables of older software in the place of the node's."""
    for path in node.glob("node.sqlite*"):
        path.unlink()
    (node / "node.sqlite").touch(mode=0o600)
    engine = open_database(sqlite_url(node / "node.sqlite"))
    with engine.begin() as connection:
        migrate_to(connection, MIGRATIONS, version)
    engine.dispose()
    return engine


def test_tables_of_older_software_are_told_and_stay_as_they_are(node: Path) -> None:
    engine = made_older(node, "0004")
    found = results(node)
    assert found["database"].result is Result.FAIL
    assert "stop the service of the older software" in found["database"].what_to_do
    assert "schema 0004, here" in found["database"].detail
    assert found["disk"].result is not Result.NOT_CHECKED
    assert found["files"].cause == "Only the owner can read the secrets."
    assert schema_version(engine) == "0004"
    engine.dispose()


def test_tables_of_newer_software_and_those_of_nobody_are_told_apart(node: Path) -> None:
    engine = open_database(sqlite_url(node / "node.sqlite"))
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert "Newer software" in results(node)["database"].cause
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE alembic_version"))
    assert "holds no node" in results(node)["database"].cause
    engine.dispose()


def test_a_database_that_is_gone_is_not_made_anew(node: Path) -> None:
    for path in node.glob("node.sqlite*"):
        path.unlink()
    assert "is missing" in results(node)["database"].cause
    assert not (node / "node.sqlite").exists()
