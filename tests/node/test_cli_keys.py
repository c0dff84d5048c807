"""The keys' commands of liaison-node, as a person uses them."""

import subprocess
from pathlib import Path

import orjson
import pytest

from node.node import build
from tests.node.nodes import ORG, HubEnd
from tests.node.test_cli import done, in_a_sentence, run
from wire.enrolment import open_enrolment
from wire.jws import EVENT, take_apart
from wire.key_sets import ENROLMENT_FILE, key_sets
from wire.keys import PublicKey


@pytest.fixture
def hub() -> HubEnd:
    """The hub that admits the node."""
    return HubEnd()


@pytest.fixture
def node(tmp_path: Path, hub: HubEnd) -> Path:
    """A node that has joined."""
    directory, admission = tmp_path / "node", tmp_path / "admission.json"
    done("init", directory, "--org", ORG, "--name", "Centre of Xandia", "--org-type", "10")
    admission.write_bytes(hub.admit((directory / ENROLMENT_FILE).read_bytes()))
    done("join", directory, admission)
    return directory


def shown(directory: Path) -> dict[str, object]:
    return dict(orjson.loads(done("keys", "show", directory, "--json")))


def told(found: subprocess.CompletedProcess[str]) -> str:
    assert (found.returncode, found.stdout) == (0, ""), found.stderr
    assert "PRIVATE" not in found.stderr
    return found.stderr


def test_a_rotation_tells_which_key_speaks_and_where_the_next_one_lies(node: Path) -> None:
    before = shown(node)
    said = told(run("keys", "rotate", node))
    after = shown(node)
    assert (after["signing"], after["before"], after["logged"]) == (before["next"], before["signing"], False)
    assert str(after["next"]) in said
    assert next(node.glob(f"keys/signing-{after['next']}.pem")).stat().st_mode & 0o777 == 0o600
    in_a_sentence(run("keys", "rotate", node), 1, "not logged yet")
    assert len(list(node.glob("keys/signing-*.pem"))) == 1, "a rotation that was refused leaves no key behind"


def test_what_there_is_not_and_whether_the_hub_knows_are_told_in_words(node: Path) -> None:
    lines = dict(line.split(maxsplit=1) for line in done("keys", "show", node).splitlines())
    assert (lines["before"], lines["index"], lines["logged"]) == ("–", "–", "yes")


def test_the_next_key_can_be_kept_elsewhere_until_it_is_needed(node: Path) -> None:
    away = node.parent / "next.pem"
    (node / "keys" / "next.pem").rename(away)
    in_a_sentence(run("keys", "rotate", node), 1, "next.pem", "put the key back")
    away.rename(node / "keys" / "next.pem")
    told(run("keys", "rotate", node))


def test_a_node_that_has_not_joined_has_nothing_to_rotate(tmp_path: Path) -> None:
    done("init", tmp_path / "node", "--org", ORG, "--name", "Centre of Xandia")
    in_a_sentence(run("keys", "rotate", tmp_path / "node"), 1, "not joined")


def test_lost_keys_are_replaced_by_the_roots_and_joined(node: Path, hub: HubEnd) -> None:
    before = shown(node)
    for path in (node / "keys").iterdir():
        path.unlink()
    in_a_sentence(run("keys", "rotate", node), 1, "restore it from a backup")
    assert "replace-key" in told(run("keys", "replace", node))
    enrolment = (node / ENROLMENT_FILE).read_bytes()
    told(run("keys", "replace", node))
    assert (open_enrolment((node / ENROLMENT_FILE).read_bytes()), key_sets(node)) == (open_enrolment(enrolment), [1, 2])
    admission = node.parent / "new.json"
    admission.write_bytes(hub.replace(enrolment))
    done("join", node, admission)
    after = shown(node)
    assert after["signing"] != before["signing"]
    assert after["next"] == open_enrolment(enrolment)["next_key"]


def test_keys_that_were_replaced_before_the_first_join_speak_from_it_on(tmp_path: Path, hub: HubEnd) -> None:
    directory, admission = tmp_path / "node", tmp_path / "admission.json"
    done("init", directory, "--org", ORG, "--name", "Centre of Xandia", "--org-type", "10")
    said = told(run("keys", "replace", directory))
    assert "admit HUB_DIR" in said
    assert "replace-key" not in said
    enrolment = (directory / ENROLMENT_FILE).read_bytes()
    admission.write_bytes(hub.admit(enrolment))
    done("join", directory, admission)
    registered = PublicKey.from_jwk(open_enrolment(enrolment)["signing_key"]).thumbprint
    assert shown(directory)["signing"] == registered
    [sealed] = build(directory).outbox.after(0, 10, 1_000_000)
    assert take_apart(sealed.token, EVENT).kid == registered
