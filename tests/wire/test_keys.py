"""Keys: kept from others, refused where they are worthless, named and used as the RFCs say."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from tests.shared_files import SHARED, needs_shared
from tests.signed_network import key_of
from wire.encoding import b64url, from_b64url
from wire.keys import BadKey, PublicKey, SigningKey, write_secret

P = 2**255 - 19
LOW_ORDER = [
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
]


def vectors(*path: str) -> Any:
    return json.loads(SHARED.joinpath("vectors", *path).read_text()) if SHARED.is_dir() else {"testGroups": []}


@needs_shared
def test_thumbprint_and_seed_are_those_of_rfc_8037() -> None:
    vector = vectors("extracted", "rfc8037_rfc7638.json")
    key = SigningKey.from_seed(from_b64url(vector["jwk_private"]["d"]))
    assert key.public.jwk == {"crv": "Ed25519", "kty": "OKP", "x": vector["jwk_private"]["x"]}
    assert key.public.thumbprint == vector["thumbprint_sha256"]
    signed, _, signature = vector["jws_compact"].encode().rpartition(b".")
    assert key.public.verify(from_b64url(signature), signed)
    assert key.sign(signed) == from_b64url(signature)


@needs_shared
@pytest.mark.parametrize("group", vectors("wycheproof", "ed25519_test.json")["testGroups"])
def test_the_verdict_on_signatures_is_that_of_wycheproof(group: Any) -> None:
    key = PublicKey.checked(bytes.fromhex(group["publicKey"]["pk"]))
    for test in group["tests"]:
        accepted = key.verify(bytes.fromhex(test["sig"]), bytes.fromhex(test["msg"]))
        assert accepted == (test["result"] == "valid"), test["comment"]


@pytest.mark.parametrize("size", [0, 1, 63, 65, 128])
def test_a_signature_of_another_size_does_not_verify(size: int) -> None:
    assert not key_of("a").public.verify(bytes(size), b"data")


@pytest.mark.parametrize("encoded", LOW_ORDER)
@pytest.mark.parametrize("sign", [0, 0x80])
def test_a_point_of_small_order_is_refused_in_either_sign(encoded: str, sign: int) -> None:
    raw = bytearray.fromhex(encoded)
    raw[31] |= sign
    with pytest.raises(BadKey, match="small order"):
        PublicKey.checked(bytes(raw))


def test_the_refused_points_of_small_order_really_let_a_signature_pass_for_any_data() -> None:
    """Why they are refused: under the neutral point the signature (neutral point, 0) is valid for whatever is said."""
    neutral = bytes([1]) + bytes(31)
    assert PublicKey(neutral).verify(neutral + bytes(32), b"anything at all")


@pytest.mark.parametrize("y", [P, P + 1, P + 3, 2**255 - 1])
@pytest.mark.parametrize("sign", [0, 2**255])
def test_a_key_that_is_not_in_canonical_form_is_refused(y: int, sign: int) -> None:
    with pytest.raises(BadKey, match="canonical"):
        PublicKey.checked((y | sign).to_bytes(32, "little"))


@pytest.mark.parametrize("size", [0, 31, 33, 64])
def test_a_key_of_another_size_is_refused(size: int) -> None:
    with pytest.raises(BadKey, match=f"32 bytes, {size} found"):
        PublicKey.checked(bytes(size))


def test_a_public_key_survives_its_json_form() -> None:
    key = key_of("a").public
    assert PublicKey.from_jwk(key.jwk) == key
    assert list(key.jwk) == sorted(key.jwk)


@pytest.mark.parametrize(
    "change",
    [
        {"d": "AA"}, {"alg": "EdDSA"}, {"kty": "EC"}, {"crv": "X25519"}, {"x": "AA=="}, {"x": 1}, {"x": "A" * 43},
        {"x": "_" * 42 + "8"}, {"crv": None},
    ],
)  # fmt: skip
def test_a_json_key_of_another_form_is_refused(change: dict[str, Any]) -> None:
    jwk = {name: value for name, value in {**key_of("a").public.jwk, **change}.items() if value is not None}
    with pytest.raises(BadKey):
        PublicKey.from_jwk(jwk)


def test_a_saved_key_belongs_to_its_owner_alone_and_is_read_back(tmp_path: Path) -> None:
    key, path = SigningKey.generate(), tmp_path / "keys" / "signing.pem"
    key.save(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert SigningKey.load(path).public == key.public


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644, 0o777])
def test_a_key_file_that_others_may_read_is_refused_with_what_to_do(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "signing.pem"
    SigningKey.generate().save(path)
    path.chmod(mode)
    with pytest.raises(BadKey, match=f"chmod 600 {path}"):
        SigningKey.load(path)


def test_a_secret_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    write_secret(path, b"first")
    with pytest.raises(FileExistsError):
        write_secret(path, b"second")
    assert path.read_bytes() == b"first"


def test_a_file_without_a_key_is_refused_without_quoting_it(tmp_path: Path) -> None:
    path = tmp_path / "signing.pem"
    write_secret(path, b"-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n")
    with pytest.raises(BadKey, match="no private key") as caught:
        SigningKey.load(path)
    assert "c2VjcmV0" not in str(caught.value)


def test_a_key_of_another_kind_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "signing.pem"
    pem = X25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    write_secret(path, pem)
    with pytest.raises(BadKey, match="another kind of key"):
        SigningKey.load(path)


def test_a_key_does_not_show_its_secret_when_it_is_printed() -> None:
    seed = hashlib.sha256(b"a").digest()
    shown = repr(SigningKey.from_seed(seed)) + str(SigningKey.from_seed(seed))
    assert b64url(seed) not in shown
    assert seed.hex() not in shown
    assert SigningKey.from_seed(seed).public.thumbprint in shown
