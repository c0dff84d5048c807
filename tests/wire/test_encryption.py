"""Bodies for named readers: each of them opens the body, nobody else does, and other software can."""

import hashlib
import struct
from typing import Any

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.keywrap import aes_key_unwrap, aes_key_wrap
from joserfc.errors import JoseError
from joserfc.jwe import decrypt_compact
from joserfc.jwk import import_key

from schemas.body import MAX_BYTES, canonical
from tests.shared_files import SHARED, needs_shared
from tests.signed_network import encrypted_to, reading_key_of
from wire.encoding import b64url, from_b64url
from wire.encryption import NotForUs, NotOpened, decrypt, encrypt
from wire.jwe import BadJwe
from wire.keys import BadKey
from wire.x25519 import DecryptionKey

PLAIN = b'{"nonce":"n","record":{"title":{"en":"The harbour"}}}'
VECTORS = SHARED / "vectors" / "wycheproof" / "json_web_encryption_test.json"


def body_of(*readers: str) -> dict[str, Any]:
    """An encrypted body as members."""
    members: dict[str, Any] = orjson.loads(encrypted_to(PLAIN, *readers))
    return members


def opened_by_hand(body: bytes, name: str) -> bytes:
    """RFC 7518, section 4.6, and RFC 7516, section 5.2, in primitives: another way than the one that is used."""
    document, key = orjson.loads(body), reading_key_of(name)
    mine = next(each for each in document["recipients"] if each["header"]["kid"] == key.thumbprint)
    ephemeral = X25519PublicKey.from_public_bytes(from_b64url(mine["header"]["epk"]["x"]))
    algorithm = mine["header"]["alg"].encode()
    info = struct.pack(">I", len(algorithm)) + algorithm + bytes(8) + struct.pack(">I", 256)
    wrapping = hashlib.sha256(struct.pack(">I", 1) + key.private.exchange(ephemeral) + info).digest()
    content_key = aes_key_unwrap(wrapping, from_b64url(mine["encrypted_key"]))
    sealed = from_b64url(document["ciphertext"]) + from_b64url(document["tag"])
    return AESGCM(content_key).decrypt(from_b64url(document["iv"]), sealed, document["protected"].encode())


@pytest.mark.parametrize("name", ["fr-office", "ke-nctc", "xa-office"])
def test_every_named_reader_opens_the_body(name: str) -> None:
    body = encrypted_to(PLAIN, "ke-nctc", "xa-office", "fr-office")
    assert decrypt(body, reading_key_of(name)) == PLAIN
    assert opened_by_hand(body, name) == PLAIN


def test_nobody_else_opens_it() -> None:
    body = encrypted_to(PLAIN, "ke-nctc", "fr-office")
    with pytest.raises(NotForUs):
        decrypt(body, reading_key_of("xa-office"))
    assert b"harbour" not in body


def test_content_key_iv_and_ephemeral_keys_are_drawn_anew_each_time() -> None:
    bodies = [body_of("ke-nctc", "fr-office") for _ in range(20)]
    ivs = {body["iv"] for body in bodies}
    ephemeral = {each["header"]["epk"]["x"] for body in bodies for each in body["recipients"]}
    assert (len(ivs), len(ephemeral)) == (20, 40)
    assert len({body["ciphertext"] for body in bodies}) == 20


def test_the_author_may_be_the_only_reader_left() -> None:
    assert decrypt(encrypted_to(PLAIN, "ke-nctc"), reading_key_of("ke-nctc")) == PLAIN


@pytest.mark.parametrize("weak", [0, 1, 2**255 - 20, 2**255 - 19])
def test_nothing_is_encrypted_to_a_point_of_small_order(weak: int) -> None:
    with pytest.raises(BadKey):
        encrypt(PLAIN, {"ke-nctc": weak.to_bytes(32, "little")})


def test_readers_are_at_least_one_and_not_beyond_the_limit() -> None:
    keys = {f"org-{number:03}": DecryptionKey.generate().public for number in range(101)}
    with pytest.raises(ValueError, match="101 given"):
        encrypt(PLAIN, keys)
    with pytest.raises(ValueError, match="0 given"):
        encrypt(PLAIN, {})


def test_a_long_body_for_many_readers_is_opened() -> None:
    keys = {f"org-{number:03}": DecryptionKey.generate().public for number in range(99)}
    plain = b"x" * 100_000
    body = encrypt(plain, {**keys, "ke-nctc": reading_key_of("ke-nctc").public})
    assert len(body) < MAX_BYTES
    assert decrypt(body, reading_key_of("ke-nctc")) == plain


# What somebody on the way may do to it ----------------------------------------------------------------------------


@pytest.mark.parametrize("member", ["ciphertext", "iv", "tag"])
def test_no_altered_byte_is_opened(member: str) -> None:
    body = body_of("ke-nctc", "fr-office")
    raw = bytearray(from_b64url(body[member]))
    raw[0] ^= 1
    with pytest.raises(NotOpened):
        decrypt(canonical({**body, member: b64url(bytes(raw))}), reading_key_of("ke-nctc"))


def test_the_ciphertext_of_another_body_is_not_opened() -> None:
    body, other = body_of("ke-nctc", "fr-office"), body_of("ke-nctc", "fr-office")
    swapped = {**body, "ciphertext": other["ciphertext"], "iv": other["iv"], "tag": other["tag"]}
    with pytest.raises(NotOpened):
        decrypt(canonical(swapped), reading_key_of("ke-nctc"))


def test_a_reader_taken_off_the_list_makes_the_body_unreadable_for_the_others() -> None:
    body = body_of("ke-nctc", "fr-office")
    header = {"enc": "A256GCM", "to": ["ke-nctc"], "typ": "liaison-body+jwe"}
    shorter = {**body, "protected": b64url(canonical(header)), "recipients": body["recipients"][1:]}
    with pytest.raises(NotOpened):
        decrypt(canonical(shorter), reading_key_of("ke-nctc"))


def test_a_reader_who_adds_another_to_the_list_makes_the_body_unreadable() -> None:
    """A reader knows the content key and can wrap it for a stranger; the ciphertext is bound to the list too."""
    body, stranger = body_of("ke-nctc", "fr-office"), body_of("xa-office")
    header = {"enc": "A256GCM", "to": ["fr-office", "ke-nctc", "xa-office"], "typ": "liaison-body+jwe"}
    longer = {
        **body,
        "protected": b64url(canonical(header)),
        "recipients": [*body["recipients"], stranger["recipients"][0]],
    }
    for name in ("ke-nctc", "xa-office"):
        with pytest.raises(NotOpened):
            decrypt(canonical(longer), reading_key_of(name))


def test_a_copy_for_another_organization_under_our_name_is_not_opened() -> None:
    body = body_of("fr-office", "ke-nctc")
    first, second = body["recipients"]
    swapped = [{**first, "header": second["header"]}, {**second, "header": first["header"]}]
    with pytest.raises(NotOpened):
        decrypt(canonical({**body, "recipients": swapped}), reading_key_of("ke-nctc"))


def test_a_content_key_of_another_length_is_not_opened() -> None:
    """AES key wrap takes other lengths; a library that then draws a random key must not look as if it had opened it."""
    body = body_of("ke-nctc")
    short = aes_key_wrap(bytes(32), bytes(32))
    assert len(short) == 40
    body["recipients"][0]["encrypted_key"] = b64url(short)
    with pytest.raises(NotOpened):
        decrypt(canonical(body), reading_key_of("ke-nctc"))


def test_a_body_of_another_form_is_told_apart_from_one_that_does_not_open() -> None:
    with pytest.raises(BadJwe):
        decrypt(b"{}", reading_key_of("ke-nctc"))


# Vectors of others --------------------------------------------------------------------------------------------------


def wycheproof() -> list[Any]:
    """The cases that concern what is used here: ECDH-ES+A256KW, and the A256KW and A256GCM within it."""
    if not VECTORS.exists():
        return []
    groups = orjson.loads(VECTORS.read_bytes())["testGroups"]
    return [
        pytest.param(group["private"], case, id=f"{case['tcId']} {case['comment']}")
        for group in groups
        for case in group["tests"]
        if group["private"].get("alg") in {"ECDH-ES+A256KW", "A256KW"}
        or (case.get("enc") == "A256GCM" and group["private"]["kty"] != "RSA")
    ]


@needs_shared
@pytest.mark.parametrize(("key", "case"), wycheproof())
def test_the_library_gives_wycheproofs_verdict(key: dict[str, Any], case: dict[str, Any]) -> None:
    try:
        opened = decrypt_compact(
            case["jwe"], import_key(key), algorithms=[key["alg"], case.get("enc", "A256GCM")]
        ).plaintext
    except (JoseError, ValueError):
        opened = None
    assert (opened == bytes.fromhex(case["pt"])) if case["result"] == "valid" else (opened is None)


@needs_shared
def test_there_are_such_vectors() -> None:
    assert len(wycheproof()) > 30
