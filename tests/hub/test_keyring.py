"""The hub's secrets: made once, each in a file of its own, read back, kept to their owner."""

from pathlib import Path

import pytest

from hub.keyring import as_registered, create_keys, load_keys, load_roots
from wire.actions import check, open_action, sign_action
from wire.keys import BadKey
from wire.registry import Registry
from wire.trust import read_trust


def test_what_was_made_is_read_back_and_the_first_action_admits_the_hub(tmp_path: Path) -> None:
    trust, admitted = create_keys(tmp_path, "exercise.example")
    keyring, roots = load_keys(tmp_path), load_roots(tmp_path)
    assert keyring.trust == read_trust(tmp_path / "trust.json") == trust
    assert keyring.signing.public.jwk == admitted.signing_key
    assert {root.public for root in roots} == set(trust.roots)
    registry = Registry.begin(trust)
    action = open_action(sign_action(admitted, roots), registry, sequence=1, previous=trust.digest)
    check(action, registry)


def test_all_secrets_differ_and_belong_to_their_owner_alone(tmp_path: Path) -> None:
    create_keys(tmp_path, "exercise.example")
    files = [path for path in tmp_path.rglob("*") if path.is_file() and path.name != "trust.json"]
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    assert len({path.read_bytes() for path in files}) == len(files) == 7


def test_keys_are_never_made_over_others(tmp_path: Path) -> None:
    create_keys(tmp_path, "exercise.example")
    before = {path: path.read_bytes() for path in tmp_path.rglob("*.pem")}
    with pytest.raises(FileExistsError):
        create_keys(tmp_path, "exercise.example")
    assert {path: path.read_bytes() for path in tmp_path.rglob("*.pem")} == before


@pytest.mark.parametrize("name", ["keys/signing.pem", "root/root-1.pem"])
def test_a_key_that_others_may_read_is_refused(tmp_path: Path, name: str) -> None:
    create_keys(tmp_path, "exercise.example")
    (tmp_path / name).chmod(0o640)
    with pytest.raises(BadKey, match="chmod 600"):
        _ = load_keys(tmp_path) if name.startswith("keys") else load_roots(tmp_path)


def test_another_key_in_the_place_of_the_log_s_is_refused_before_it_signs_anything(tmp_path: Path) -> None:
    trust, _ = create_keys(tmp_path, "exercise.example")
    registry, keys = Registry.begin(trust), tmp_path / "keys"
    assert as_registered(tmp_path, load_keys(tmp_path), registry).log.public == trust.first_log.key
    (keys / "log.pem").write_bytes((keys / "signing.pem").read_bytes())
    with pytest.raises(BadKey, match=r"log\.pem is not the key of the log exercise\.example"):
        as_registered(tmp_path, load_keys(tmp_path), registry)


def test_a_running_hub_does_not_need_the_roots(tmp_path: Path) -> None:
    create_keys(tmp_path, "exercise.example")
    (tmp_path / "root" / "root-1.pem").unlink()
    load_keys(tmp_path)
    assert load_roots(tmp_path) == []
