"""X25519 keys: what may be registered or used once, and what nobody should encrypt to."""

from pathlib import Path

import pytest

from wire.encoding import b64url
from wire.keys import BadKey, SigningKey, save_encryption_key
from wire.x25519 import DecryptionKey, checked, jwk_of, public_key, thumbprint_of

P = 2**255 - 19
# RFC 7748, section 6.1, and the points listed by its authors: u coordinates of small order, canonical or not.
SMALL = [
    0, 1, P - 1, P, P + 1, 2 * P - 1, 2 * P, 2 * P + 1,
    325606250916557431795983626356110631294008115727848805560023387167927233504,
    39382357235489614581723060781553021112529911719440698176882885853963445705823,
]  # fmt: skip


@pytest.mark.parametrize("u", [*SMALL, *(u + 2**255 for u in SMALL if u + 2**255 < 2**256)])
def test_a_point_of_small_order_is_no_key_in_any_of_its_forms(u: int) -> None:
    with pytest.raises(BadKey):
        checked(u.to_bytes(32, "little"))


def test_a_key_has_one_form_only() -> None:
    sound = DecryptionKey.generate().public
    assert checked(sound) == sound
    with pytest.raises(BadKey, match="canonical"):
        checked(sound[:31] + bytes([sound[31] | 0x80]))
    with pytest.raises(BadKey, match="31 found"):
        checked(sound[:31])


@pytest.mark.parametrize(
    "change", [{"crv": "Ed25519"}, {"kty": "EC"}, {"x": 1}, {"x": "A"}, {"x": "A" * 42 + "B"}, {"d": "x"}, {"kid": "x"}]
)
def test_a_jwk_of_another_form_is_refused(change: dict[str, object]) -> None:
    jwk = jwk_of(DecryptionKey.generate().public)
    assert public_key(jwk)
    with pytest.raises(BadKey):
        public_key({**jwk, **change})


@pytest.mark.parametrize("value", [None, [], "x", {}, {"crv": "X25519"}])
def test_what_is_no_jwk_is_refused(value: object) -> None:
    with pytest.raises(BadKey):
        public_key(value)


def test_the_thumbprint_is_that_of_rfc_7638_over_the_required_members() -> None:
    # The key of RFC 8037, appendix A.6 (Bob's); its thumbprint by openssl over the three members in order.
    raw = bytes.fromhex("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f")
    assert b64url(raw) == "3p7bfXt9wbTTW2HC7OQ1Nz-DQ8hbeGdNrfx-FG-IK08"
    assert thumbprint_of(raw) == "giQqigT_IKcuzHl0FVJ3k5ts3_TWNAxvsC08UZsfcM8"


def test_a_node_loads_the_key_it_has_saved_and_shows_nothing_of_it(tmp_path: Path) -> None:
    jwk = save_encryption_key(tmp_path / "encryption.pem")
    key = DecryptionKey.load(tmp_path / "encryption.pem")
    assert jwk_of(key.public) == jwk
    assert repr(key) == f"DecryptionKey({thumbprint_of(key.public)})"


def test_a_key_of_another_kind_or_for_others_to_read_is_refused(tmp_path: Path) -> None:
    SigningKey.generate().save(tmp_path / "signing.pem")
    with pytest.raises(BadKey, match="another kind"):
        DecryptionKey.load(tmp_path / "signing.pem")
    save_encryption_key(tmp_path / "open.pem")
    (tmp_path / "open.pem").chmod(0o644)
    with pytest.raises(BadKey, match="readable by others"):
        DecryptionKey.load(tmp_path / "open.pem")
    (tmp_path / "torn.pem").write_text("-----BEGIN PRIVATE KEY-----\nsecret\n")
    (tmp_path / "torn.pem").chmod(0o600)
    with pytest.raises(BadKey) as told:
        DecryptionKey.load(tmp_path / "torn.pem")
    assert "secret" not in str(told.value)
