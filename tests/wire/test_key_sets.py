"""Sets of keys in a directory: made once, kept to their owner, and not begun anew by whoever was interrupted."""

import shutil
from pathlib import Path

import pytest

from tests.on_disk import note_synced
from wire.enrolment import open_enrolment
from wire.key_sets import ENROLMENT_FILE, key_set, key_sets, make_key_set, prepare_key_set
from wire.keys import SigningKey
from wire.nkeys import nkey_public

NAMED = {"organization": "xa-centre", "name": "Centre"}


def test_the_five_keys_differ_belong_to_their_owner_and_are_those_that_the_enrolment_names(tmp_path: Path) -> None:
    signing, members = make_key_set(key_set(tmp_path, 1))
    files = list((tmp_path / "keys").iterdir())
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    assert len({path.read_bytes() for path in files}) == len(files) == 5
    assert SigningKey.load(tmp_path / "keys" / "signing.pem").public == signing.public
    assert members["signing_key"] == signing.public.jwk
    assert members["next_key"] == SigningKey.load(tmp_path / "keys" / "next.pem").public.thumbprint
    assert members["bus"] == nkey_public((tmp_path / "keys" / "bus.nk").read_bytes())


def test_the_next_set_is_made_once_and_lies_beside_the_first(tmp_path: Path) -> None:
    make_key_set(key_set(tmp_path, 1))
    assert key_sets(tmp_path) == [1]
    path = prepare_key_set(tmp_path, 1, **NAMED)
    first = open_enrolment(path.read_bytes())
    assert (first["organization"], key_sets(tmp_path), path) == ("xa-centre", [1, 2], tmp_path / ENROLMENT_FILE)
    path.unlink()
    assert open_enrolment(prepare_key_set(tmp_path, 1, **NAMED).read_bytes()) == first
    assert open_enrolment(prepare_key_set(tmp_path, 2, **NAMED).read_bytes()) != first
    assert key_sets(tmp_path) == [1, 2, 3]


def test_nobody_can_register_a_set_that_a_power_cut_could_take(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_key_set(key_set(tmp_path, 1))
    synced = note_synced(monkeypatch)
    prepare_key_set(tmp_path, 1, **NAMED)
    folders = [each for each in synced if each.startswith("keys: ")]
    assert ["2" in each.split() for each in folders] == [True]
    assert synced.index(folders[0]) < synced.index(f".{ENROLMENT_FILE}.new")


def test_a_set_that_was_interrupted_in_its_making_is_made_again(tmp_path: Path) -> None:
    make_key_set(key_set(tmp_path, 1))
    partial = tmp_path / "keys" / "making-2"
    shutil.copytree(tmp_path / "keys", tmp_path / "half")
    (tmp_path / "half").rename(partial)
    prepare_key_set(tmp_path, 1, **NAMED)
    assert (key_sets(tmp_path), partial.exists()) == ([1, 2], False)
    assert (
        SigningKey.load(key_set(tmp_path, 2) / "signing.pem").public
        != SigningKey.load(key_set(tmp_path, 1) / "signing.pem").public
    )
