"""Decisions of several roots: proposed, signed one by one, and logged only with enough of them at their one place."""

from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.hub.commands import Command
from tests.hub.test_cli_registry import registry_of
from wire.enrolment import open_admission
from wire.registry import Standing


@pytest.fixture
def council(hub: Command, tmp_path: Path) -> Path:
    """A network in which two of three roots decide; the keys are taken away from the hub."""
    directory = tmp_path / "council"
    assert hub("init", directory, "--network", "exercise.example", "--roots", "3", "--threshold", "2")[0] == 0
    for number in (1, 2, 3):
        (directory / "root" / f"root-{number}.pem").rename(tmp_path / f"root-{number}.pem")
    return directory


def proposed(hub: Command, council: Path, members: dict[str, Any], *more: str | Path) -> Path:
    document, action = council.parent / "members.json", council.parent / "action.json"
    document.write_bytes(orjson.dumps(members))
    status, _, said = hub("action", "propose", council, document, "-o", action, *more)
    assert status == 0, said
    return action


def admitted(hub: Command, council: Path, enrolment: Path) -> bytes:
    action = proposed(hub, council, {"action": "organization.admitted"}, "--enrolment", enrolment)
    for number in (1, 3):
        assert hub("action", "sign", action, council.parent / f"root-{number}.pem")[0] == 0
    status, out, said = hub("action", "submit", council, action)
    assert status == 0, said
    return out


def test_two_of_three_roots_admit_an_organization(hub: Command, council: Path, enrolment: Path) -> None:
    assert open_admission(admitted(hub, council, enrolment)).organization == "ke-nctc"


def test_one_root_of_two_is_not_enough(hub: Command, council: Path, enrolment: Path) -> None:
    action = proposed(hub, council, {"action": "organization.admitted"}, "--enrolment", enrolment)
    for _ in range(2):
        hub("action", "sign", action, council.parent / "root-1.pem")
    status, _, said = hub("action", "submit", council, action)
    assert (status, "1 of the network's roots signed it; needed: 2" in said) == (1, True)
    assert "ke-nctc" not in registry_of(council).members


def test_the_simple_commands_say_where_the_roots_are_missing(hub: Command, council: Path, enrolment: Path) -> None:
    status, _, said = hub("admit", council, enrolment)
    assert (status, "action propose" in said) == (1, True)


def test_an_action_signed_for_another_place_is_refused(hub: Command, council: Path, enrolment: Path) -> None:
    admitted(hub, council, enrolment)
    members = {"action": "organization.suspended", "organization": "ke-nctc", "reason": "A leak."}
    action = proposed(hub, council, members)
    for number in (1, 2):
        hub("action", "sign", action, council.parent / f"root-{number}.pem")
    assert hub("action", "submit", council, action)[0] == 0
    assert registry_of(council).members["ke-nctc"].standing is Standing.SUSPENDED
    status, _, said = hub("action", "submit", council, action)
    assert (status, "its place here is" in said) == (1, True)


def test_who_signs_is_shown_what(hub: Command, council: Path, enrolment: Path) -> None:
    action = proposed(hub, council, {"action": "organization.admitted"}, "--enrolment", enrolment)
    out = hub("action", "sign", action, council.parent / "root-1.pem")[1]
    assert b"organization.admitted: ke-nctc" in out


def test_the_roots_change_with_the_signatures_of_old_and_new_ones(hub: Command, council: Path, enrolment: Path) -> None:
    new = council.parent / "root-4.pem"
    jwk = orjson.loads(hub("action", "key", new)[1])
    assert orjson.loads(hub("action", "key", new)[1]) == jwk, "it is made once"
    members = {"action": "roots.changed", "roots": [jwk], "threshold": 1, "reason": "A new council."}
    action = proposed(hub, council, members)
    for number in (1, 2):
        hub("action", "sign", action, council.parent / f"root-{number}.pem")
    status, _, said = hub("action", "submit", council, action)
    assert (status, "new roots" in said) == (1, True)
    hub("action", "sign", action, new)
    assert hub("action", "submit", council, action)[0] == 0
    (council / "root" / "root-4.pem").write_bytes(new.read_bytes())
    (council / "root" / "root-4.pem").chmod(0o600)
    status, out, said = hub("admit", council, enrolment)
    assert status == 0, said
    assert open_admission(out).organization == "ke-nctc", "a node follows the change of roots from trust.json on"


@pytest.mark.parametrize("document", [b"", b"[]", b"{"])
def test_what_is_no_action_is_told(hub: Command, council: Path, document: bytes) -> None:
    path = council.parent / "broken.json"
    path.write_bytes(document)
    assert hub("action", "propose", council, path, "-o", council / "x")[0] == 2
    assert hub("action", "submit", council, path)[0] == 2
    assert hub("action", "sign", path, council.parent / "root-1.pem")[0] == 1


@pytest.mark.parametrize(
    "members", [{}, {"action": "organization.exploded"}, {"action": "organization.suspended", "reason": "Why."}]
)
def test_an_action_that_lacks_something_is_not_proposed(hub: Command, council: Path, members: dict[str, str]) -> None:
    path = council.parent / "members.json"
    path.write_bytes(orjson.dumps(members))
    assert hub("action", "propose", council, path, "-o", council / "x")[0] == 1
    assert not (council / "x").exists()


def test_a_threshold_beyond_the_roots_begins_no_network(hub: Command, tmp_path: Path) -> None:
    words = ("init", tmp_path / "n", "--network", "exercise.example", "--roots", "1", "--threshold", "2")
    assert hub(*words)[0] == 2
    assert not (tmp_path / "n").exists()
