"""The hub goes over to new keys of its own: by one command and one decision of the roots, running or not."""

import shutil
import stat
from pathlib import Path

import orjson
import pytest

from hub.doctor.results import Result
from hub.doctor.standing import check_registered
from hub.keyring import as_registered, load_keys
from tests.hub.commands import Command
from tests.hub.test_cli_registry import registry_of
from wire.enrolment import open_admission, open_enrolment
from wire.nkeys import nkey_public
from wire.registry import HUB


def shown(hub: Command, directory: Path) -> dict[str, object]:
    status, out, said = hub("keys", "show", directory, "--json")
    assert status == 0, said
    document: dict[str, object] = orjson.loads(out)
    return document


def test_what_there_is_not_is_told_by_a_dash(hub: Command, directory: Path) -> None:
    lines = hub("keys", "show", directory)[1].decode().splitlines()
    assert [line.split() for line in lines if line.startswith("prepared")] == [["prepared", "–"]]


@pytest.fixture
def prepared(hub: Command, directory: Path) -> Path:
    """The enrolment of new keys."""
    status, _, said = hub("keys", "replace", directory)
    assert status == 0, said
    assert "replace-key" in said
    return directory / "enrolment.json"


def test_new_keys_are_made_once_and_wait_for_the_roots(hub: Command, directory: Path, prepared: Path) -> None:
    before = load_keys(directory).signing.public.thumbprint
    first = open_enrolment(prepared.read_bytes())
    assert hub("keys", "replace", directory)[0] == 0
    assert open_enrolment(prepared.read_bytes()) == first
    told = shown(hub, directory)
    assert (told["signing"], told["since"], told["folder"]) == (before, 1, str(directory / "keys"))
    assert told["prepared"] not in {None, before}
    assert {stat.S_IMODE(path.stat().st_mode) for path in (directory / "keys" / "2").glob("*.[!j]*")} == {0o600}


def test_after_the_decision_the_new_key_signs_and_every_key_is_the_registered_one(
    hub: Command, directory: Path, prepared: Path, enrolment: Path
) -> None:
    before, new = shown(hub, directory)["signing"], shown(hub, directory)["prepared"]
    status, out, said = hub("replace-key", directory, "hub", prepared, "--reason", "Its machine was entered.")
    assert (status, out) == (0, b""), said  # the hub needs no admission
    assert "new key for the bus" in said
    told = shown(hub, directory)
    assert (told["signing"], told["prepared"], told["folder"]) == (new, None, str(directory / "keys" / "2"))
    registry = registry_of(directory)
    assert told["bus"] == registry.members[HUB].bus
    keyring = as_registered(directory, load_keys(directory), registry)
    assert (keyring.signing.public.thumbprint, nkey_public(keyring.bus_seed)) == (new, registry.members[HUB].bus)
    assert check_registered(directory, registry).result is Result.PASS
    status, admission, said = hub("admit", directory, enrolment)
    assert status == 0, said
    opened = open_admission(admission)
    assert (opened.hub_key.thumbprint, opened.organization) == (new, "ke-nctc")
    assert hub("suspend", directory, "ke-nctc", "--reason", "A leak.")[0] == 0
    status, _, said = hub(
        "revoke", "--last-good-sequence", "0", "--reason", "Stolen.", "--", directory, "hub", str(before)
    )
    assert status == 0, said


def test_the_files_of_the_old_keys_can_be_destroyed(
    hub: Command, directory: Path, prepared: Path, enrolment: Path
) -> None:
    assert hub("replace-key", directory, "hub", prepared)[0] == 0
    for name in ("signing.pem", "next.pem", "witness.pem", "encryption.pem", "bus.nk"):
        (directory / "keys" / name).unlink()
    assert hub("admit", directory, enrolment)[0] == 0
    assert shown(hub, directory)["folder"] == str(directory / "keys" / "2")
    assert check_registered(directory, registry_of(directory)).result is Result.PASS


def test_keys_can_be_replaced_again_and_again(hub: Command, directory: Path) -> None:
    seen = set()
    for number in range(3):
        assert hub("keys", "replace", directory)[0] == 0
        assert hub("replace-key", directory, "hub", directory / "enrolment.json")[0] == 0
        seen.add(shown(hub, directory)["signing"])
        assert shown(hub, directory)["folder"] == str(directory / "keys" / str(number + 2))
    assert len(seen) == 3


def test_without_the_new_keys_nothing_is_decided_and_the_old_ones_go_on(
    hub: Command, directory: Path, prepared: Path, enrolment: Path
) -> None:
    shutil.move(directory / "keys" / "2", directory / "away")
    status, _, said = hub("replace-key", directory, "hub", prepared)
    assert (status, "does not hold the key" in said) == (1, True)
    assert hub("admit", directory, enrolment)[0] == 0


def test_a_set_of_keys_that_is_lost_after_the_decision_is_named(hub: Command, directory: Path, prepared: Path) -> None:
    assert hub("replace-key", directory, "hub", prepared)[0] == 0
    shutil.move(directory / "keys" / "2", directory / "away")
    status, _, said = hub("keys", "show", directory)
    assert (status, "is not in" in said) == (1, True)
    found = check_registered(directory, registry_of(directory))
    assert (found.result, "put it back" in found.detail) == (Result.FAIL, True)
