"""NATS keys: their form, and what is refused."""

import base64

import pytest

from wire.keys import BadKey, PublicKey
from wire.nkeys import generate_nkey, nkey_public, nkey_signer


def test_a_new_key_has_the_form_that_people_recognize() -> None:
    seed, public = generate_nkey()
    assert (seed[:2], len(seed)) == (b"SU", 58)
    assert (public[:1], len(public)) == ("U", 56)
    assert nkey_public(seed) == public
    assert generate_nkey()[0] != seed


def test_the_answer_to_a_challenge_is_a_signature_of_that_key() -> None:
    seed, public = generate_nkey()
    raw = base64.b32decode(public)[1:33]
    assert PublicKey.checked(raw).verify(base64.b64decode(nkey_signer(seed)("nonce")), b"nonce")


def test_a_seed_with_a_line_break_behind_it_is_the_same_seed() -> None:
    seed, public = generate_nkey()
    assert nkey_public(seed + b"\n") == public


WRONG = {"nothing": b"", "two letters": b"SU", "no base32": b"not base32 !", "short": b"SAAGH",
         "last letter": generate_nkey()[0][:-1] + b"!"}  # fmt: skip


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_what_is_no_seed_of_a_user_is_refused(wrong: bytes) -> None:
    with pytest.raises(BadKey, match="NATS seed"):
        nkey_public(wrong)


def test_a_mistyped_seed_is_recognized_by_its_checksum_and_not_repeated() -> None:
    seed, _ = generate_nkey()
    other = b"A" if seed[20:21] != b"A" else b"B"
    mistyped = seed[:20] + other + seed[21:]
    with pytest.raises(BadKey, match="checksum") as caught:
        nkey_public(mistyped)
    assert mistyped.decode() not in str(caught.value)
