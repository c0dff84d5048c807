"""The registry's commands: lost and stolen keys, and witnesses, as the hub's operator does it."""

from pathlib import Path

import orjson
import pytest

from hub.history import load_state
from hub.keyring import load_keys
from hub.schema import open_store
from hub.settings import read_settings
from tests.hub.commands import Command
from tests.signed_network import enrolled, key_of
from wire.enrolment import make_enrolment, open_admission
from wire.registry import Registry


def registry_of(directory: Path) -> Registry:
    with open_store(read_settings(directory)).begin() as connection:
        return load_state(connection, load_keys(directory).trust).registry


@pytest.fixture
def second(tmp_path: Path) -> Path:
    """The enrolment that the node of ke-nctc writes with new keys."""
    path = tmp_path / "second.json"
    members = {**enrolled("ke-nctc-2"), "organization": "ke-nctc"}
    path.write_bytes(make_enrolment(members, key_of("ke-nctc-2")))
    return path


def test_lost_keys_are_replaced_and_the_new_admission_names_the_new_ones(
    hub: Command, directory: Path, enrolment: Path, second: Path
) -> None:
    first = open_admission(hub("admit", directory, enrolment)[1])
    status, out, said = hub("replace-key", directory, "ke-nctc", second)
    assert (status, "new keys from entry 2" in said) == (0, True)
    admission = open_admission(out)
    assert admission.signing_key == key_of("ke-nctc-2").public
    assert (admission.replaced, admission.previous) == (True, first.previous), "its chain goes on"
    assert registry_of(directory).members["ke-nctc"].keys[-1].key == admission.signing_key


def test_an_enrolment_of_another_organization_does_not_replace_anybodys_keys(
    hub: Command, directory: Path, enrolment: Path, second: Path
) -> None:
    hub("admit", directory, enrolment)
    assert hub("replace-key", directory, "fr-office", second)[0] == 2


def test_the_same_keys_again_replace_nothing(hub: Command, directory: Path, enrolment: Path) -> None:
    hub("admit", directory, enrolment)
    status, _, said = hub("replace-key", directory, "ke-nctc", enrolment)
    assert (status, "registered already" in said) == (1, True)


@pytest.mark.parametrize("named", ["current", "by its thumbprint"])
def test_a_stolen_key_is_revoked(hub: Command, directory: Path, enrolment: Path, named: str) -> None:
    hub("admit", directory, enrolment)
    key = "current" if named == "current" else key_of("ke-nctc").public.thumbprint
    words = ("revoke", directory, "ke-nctc", key, "--last-good-sequence", "3", "--reason", "Stolen.")
    assert hub(*words)[0] == 0
    assert registry_of(directory).members["ke-nctc"].keys[-1].end == 2
    status, _, said = hub(*words)
    assert status == 1
    assert said.startswith("Error: ")


def test_an_organization_that_is_not_there_has_no_key_to_revoke(hub: Command, directory: Path) -> None:
    status, _, said = hub("revoke", directory, "ke-nctc", "current", "--last-good-sequence", "3", "--reason", "Stolen.")
    assert (status, "no key that is valid" in said) == (1, True)


def test_witnesses_are_listed_and_their_quorum_is_fixed_and_freed(
    hub: Command, directory: Path, enrolment: Path
) -> None:
    assert orjson.loads(hub("witnesses", directory, "--json")[1]) == {"quorum": 0, "fixed": False, "witnesses": []}
    hub("admit", directory, enrolment)
    status, out, said = hub("witnesses", directory)
    assert (status, b"ke-nctc" in out, "1 of 1 must cosign (by the formula)" in said) == (0, True, True)
    assert hub("witnesses", directory, "--quorum", "1")[0] == 0
    assert orjson.loads(hub("witnesses", directory, "--json")[1])["fixed"] is True
    assert hub("witnesses", directory, "--quorum", "auto")[0] == 0
    assert orjson.loads(hub("witnesses", directory, "--json")[1])["fixed"] is False
    assert hub("witnesses", directory, "--quorum", "2")[0] == 1
    for wrong in ("many", "0", "00", "-1", "", "1.5", "٣"):
        status, _, said = hub("witnesses", directory, "--quorum", wrong)
        assert (status, "a number from 1 on" in said) == (2, True), wrong


def test_the_hub_does_not_go_over_to_a_key_that_it_does_not_hold(hub: Command, directory: Path, tmp_path: Path) -> None:
    path = tmp_path / "hub.json"
    path.write_bytes(make_enrolment({**enrolled("new-hub"), "organization": "hub"}, key_of("new-hub")))
    status, _, said = hub("replace-key", directory, "hub", path)
    assert (status, "does not hold the key" in said) == (1, True)
    assert len(registry_of(directory).members["hub"].keys) == 1
