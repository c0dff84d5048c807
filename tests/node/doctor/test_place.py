"""What lies on the machine: settings, database, modes of files, keys."""

from pathlib import Path

import pytest

from node.doctor.place import check_database, check_files, examine_place
from node.doctor.results import Check, Result
from node.settings import read_settings
from tests.node.nodes import ORG, joined_node
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
