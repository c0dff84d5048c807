"""trust.json: one form, whole, or refused with the reason."""

import hashlib
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.signed_network import TRUST, key_of, trust_of
from wire.encoding import b64url
from wire.notes import COSIGNATURE, VerifierKey
from wire.trust import BadTrust, Trust, parse_trust, read_trust

LOG = key_of("log").public
NESTED = "stands for more lists in one another than can be shown"


def document(**changes: Any) -> bytes:
    members = {**orjson.loads(TRUST.to_bytes()), **changes}
    data = orjson.dumps({name: value for name, value in members.items() if value is not None})
    return data.replace(b'"%s"' % NESTED.encode(), b"[" * 1_000 + b"]" * 1_000)


def test_a_trust_survives_its_file(tmp_path: Path) -> None:
    path = tmp_path / "trust.json"
    path.write_bytes(TRUST.to_bytes())
    assert read_trust(path) == TRUST
    assert read_trust(path).digest == hashlib.sha256(path.read_bytes()).digest()
    assert TRUST.origin == "exercise.example/log"


@pytest.mark.parametrize(
    "changes",
    [
        {"extra": 1}, {"network": None}, {"roots": None}, {"threshold": None}, {"log": None}, {"roots": []},
        {"roots": [{}]}, {"roots": 1}, {"threshold": 0}, {"threshold": 2}, {"threshold": "x"}, {"threshold": "1"},
        {"threshold": 1.0}, {"threshold": True}, {"log": {}}, {"log": 1}, {"network": 1}, {"network": "Two Words"},
        {"network": "a.example\n"}, {"network": "a.example/b"},
        {"network": "other.example"}, {"roots": [{"crv": "Ed25519", "kty": "OKP", "x": b64url(bytes(32))}]},
        {"log": {"origin": "other.example/log", "vkey": str(TRUST.log_verifier)}},
        {"log": {"key": {}, "origin": "exercise.example/log"}},
        {"log": {"origin": "exercise.example/log", "vkey": str(VerifierKey("exercise.example/log", LOG, COSIGNATURE))}},
        {"log": {"origin": "exercise.example/log", "vkey": str(VerifierKey("other.example/log", LOG))}},
        {"network": NESTED}, {"roots": [{"crv": "Ed25519", "kty": "OKP", "x": NESTED}]},
        {"log": {"origin": "exercise.example/log", "vkey": NESTED}}, {"threshold": NESTED},
    ],
)  # fmt: skip
def test_a_trust_with_a_member_that_is_missing_unknown_or_unusable_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(BadTrust):
        parse_trust(document(**changes))


LONG = "9" * 4000


@pytest.mark.parametrize(
    "changes",
    [
        {"threshold": LONG}, {"network": LONG}, {"network": NESTED}, {"roots": [LONG]}, {"roots": [{"kty": LONG}]},
        {"log": {"origin": LONG, "vkey": str(TRUST.log_verifier)}},
        {"log": {"origin": NESTED, "vkey": str(TRUST.log_verifier)}},
        {"log": {"origin": "exercise.example/log", "vkey": LONG}},
    ],
)  # fmt: skip
def test_what_is_said_of_a_member_repeats_little_of_it(changes: dict[str, Any]) -> None:
    with pytest.raises(BadTrust) as refused:
        parse_trust(document(**changes))
    assert len(str(refused.value)) < 500


@pytest.mark.parametrize("data", [b"", b"[]", b"1", b"null", b"\xff", b'"text"'])
def test_bytes_that_are_no_trust_are_refused(data: bytes) -> None:
    with pytest.raises(BadTrust):
        parse_trust(data)


def test_a_root_that_is_named_twice_counts_once() -> None:
    root = key_of("root").public
    with pytest.raises(BadTrust, match="between 1 and the 1 root keys"):
        Trust("exercise.example", (root, root), 2, key_of("log").public)


def test_every_member_changes_the_hash_from_which_the_registry_begins() -> None:
    roots = key_of("root"), key_of("another root")
    digests = {
        trust_of(roots[0]).digest, trust_of(*roots).digest, trust_of(*roots, threshold=2).digest,
        Trust("other.example", (roots[0].public,), 1, key_of("log").public).digest,
        Trust("exercise.example", (roots[0].public,), 1, key_of("another log").public).digest,
    }  # fmt: skip
    assert len(digests) == 5
