"""Signed notes, verifier keys and cosignatures: published ones as published, every other form refused."""

import base64
import hashlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.shared_files import SHARED, needs_shared
from tests.signed_network import key_of
from wire.keys import PublicKey, SigningKey
from wire.notes import (
    COSIGNATURE,
    ED25519,
    MAX_NOTE,
    MAX_SIGNATURES,
    MAX_TIME,
    BadNote,
    Signature,
    VerifierKey,
    b64,
    cosign_text,
    from_b64,
    is_key_name,
    open_note,
    parse_note,
    parse_signature,
    sign_text,
    write_note,
)

KEY, OTHER = key_of("signer"), key_of("other signer")
NAME = "signer.example/key"
VERIFIER = VerifierKey(NAME, KEY.public)
TEXT = "One line.\n"
SIGNATURE = sign_text(TEXT, NAME, KEY)
NOTE = write_note(TEXT, [SIGNATURE])
# Unicode's White_Space: what is a space in a name is not a matter of a library's version.
SPACES = (
    "\t\n\x0b\x0c\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004"
    "\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
)


def vectors(name: str) -> Any:
    return json.loads((SHARED / "vectors" / "extracted" / f"{name}.json").read_text())


def refused(message: bytes, *keys: VerifierKey) -> str:
    """Why a note is refused."""
    with pytest.raises(BadNote) as caught:
        open_note(message, keys or [VERIFIER])
    return str(caught.value)


def line(name: str, key_id: bytes, raw: bytes) -> str:
    return f"— {name} {base64.b64encode(key_id + raw).decode()}\n"


# text and signatures -----------------------------------------------------------------------------------------------


@given(st.text(st.characters(exclude_categories=["Cs"], min_codepoint=32) | st.just("\n")), st.integers(0, MAX_TIME))
def test_any_text_of_a_note_is_signed_cosigned_and_read_back(text: str, time: int) -> None:
    text += "\n"
    cosigner = VerifierKey("w", OTHER.public, COSIGNATURE)
    signatures = sign_text(text, NAME, KEY), cosign_text(text, "w", OTHER, time)
    note = open_note(write_note(text, signatures), [VERIFIER, cosigner])
    assert note.text == text
    assert note.verified == {VERIFIER: signatures[0], cosigner: signatures[1]}
    assert signatures[1].timestamp == time
    assert note.unknown == ()


@pytest.mark.parametrize(
    "text", ["\n", "\n\n", "a\n\n\nb\n", "\n\na\n", "a\n\n— b YWJjZGU=\n", "\x7f\x85\u2028\ufeff\n"]
)
def test_empty_lines_and_what_looks_like_a_signature_belong_to_the_text_up_to_the_last_empty_line(text: str) -> None:
    """DEL and the C1 controls are not below U+0020: the specification lets them be."""
    assert open_note(write_note(text, [sign_text(text, NAME, KEY)]), [VERIFIER]).text == text


@given(st.integers(0, len(NOTE) * 8 - 1))
def test_no_bit_of_a_note_can_be_flipped_unnoticed(place: int) -> None:
    flipped = bytearray(NOTE)
    flipped[place // 8] ^= 1 << place % 8
    refused(bytes(flipped))


@pytest.mark.parametrize("cut", range(len(NOTE)))
def test_a_truncated_note_is_refused(cut: int) -> None:
    refused(NOTE[:cut])


@pytest.mark.parametrize(
    "message",
    [
        NOTE + b"\n", NOTE + b"x", NOTE + b" \n", NOTE[:-1], NOTE[:-1] + b" \n", NOTE[:-1] + b"\r\n",
        b"\n" + NOTE[:0],
        NOTE.replace(b"\n", b"\r\n"), NOTE.replace(b"\n\n", b"\n"), NOTE.replace(b"\n\n", b"\n \n"),
        NOTE.replace("— ".encode(), b"- "), NOTE.replace("— ".encode(), "–".encode() + b" "),
        NOTE.replace("— ".encode(), "—".encode()), NOTE.replace("— ".encode(), "—\u00a0".encode()),
        NOTE.replace("— ".encode(), "—  ".encode()), NOTE.replace("— ".encode(), " — ".encode()),
        NOTE.replace(NAME.encode(), b""), NOTE.replace(NAME.encode(), b"a+b"), NOTE.replace(NAME.encode(), b"a b"),
        NOTE.replace(NAME.encode() + b" ", NAME.encode() + b"  "), NOTE + b"Unexpected line.\n",
        TEXT.encode() + b"\n", TEXT.encode(), b"", b"\n", b"\n\n", b"\n\n\n", b"\xff" + NOTE, b"\xef\xbb\xbf" + NOTE,
        b"\xed\xa0\x80" + NOTE, b"\xc0\x8a" + NOTE, b"\xf4\x90\x80\x80" + NOTE, NOTE[:-5] + b"\xff" + NOTE[-5:],
        NOTE.replace(b"\n\n", b"\n\n\n"),
    ],
)  # fmt: skip
def test_a_note_of_another_form_is_refused(message: bytes) -> None:
    refused(message)


@pytest.mark.parametrize("control", [*range(10), *range(11, 32)])
def test_control_characters_other_than_line_feeds_are_refused_wherever_they_stand(control: int) -> None:
    text = f"a{chr(control)}b\n"
    signed = text.encode() + b"\n" + Signature(NAME, VERIFIER.key_id, KEY.sign(text.encode())).line.encode()
    assert "control characters" in refused(signed)
    assert "control characters" in refused(NOTE.replace(NAME.encode(), NAME.encode() + bytes([control])))
    with pytest.raises(ValueError, match="control characters"):
        write_note(text, [SIGNATURE])


@pytest.mark.parametrize("text", ["", "a", "a\n\nb", "\ud800\n"])
def test_what_is_no_text_of_a_note_is_not_written(text: str) -> None:
    with pytest.raises(ValueError, match=r"line feed|surrogates"):
        write_note(text, [SIGNATURE])


def test_a_note_without_a_signature_is_not_written() -> None:
    with pytest.raises(ValueError, match="at least one"):
        write_note(TEXT, [])


@pytest.mark.parametrize(
    "encoded",
    [
        "", "=", "====", "YQ", "YQ=", "YR==", "YQ===", "YQ==\n", " YQ==", "Y Q==", "YQ==YQ==", "YW-_", "YW%2B", "é",
        "Y\x00Q==", "YWJj\n", "!!!!", "YWJjZ",
    ],
)  # fmt: skip
def test_base64_has_one_spelling(encoded: str) -> None:
    with pytest.raises(BadNote, match="not base64"):
        from_b64(encoded)


@given(st.binary(min_size=1))
def test_base64_is_read_back(data: bytes) -> None:
    assert from_b64(b64(data)) == data


@pytest.mark.parametrize("size", [1, 2, 3, 4])
def test_a_signature_that_is_no_longer_than_its_key_id_is_refused(size: int) -> None:
    assert "more than 4" in refused(TEXT.encode() + b"\n" + line("a", bytes(size), b"").encode())


def test_the_length_of_a_signature_is_a_matter_of_its_key() -> None:
    """Post-quantum signatures of strangers are long; one by a known key has exactly its own length."""
    long = Signature("pq.example", b"abcd", bytes(2_428))
    assert open_note(write_note(TEXT, [long, SIGNATURE]), [VERIFIER]).unknown == (long,)
    for raw in (SIGNATURE.raw + b"\x00", SIGNATURE.raw[:-1], b"x", bytes(8) + SIGNATURE.raw):
        assert "does not verify" in refused(write_note(TEXT, [SIGNATURE._replace(raw=raw)]))


# known and unknown keys --------------------------------------------------------------------------------------------


def test_a_note_that_nobody_known_signed_is_refused_and_says_who_signed() -> None:
    assert NAME in refused(NOTE, VerifierKey("another", KEY.public))
    with pytest.raises(BadNote, match="no signature is by a key that is known"):
        open_note(NOTE, [])


def test_the_names_of_strangers_reach_no_terminal_as_they_stand() -> None:
    said = refused(write_note(TEXT, [Signature("evil\x9b2Jname\u202e", b"abcd", b"x")]))
    assert "\x9b" not in said
    assert "\u202e" not in said


def test_a_stranger_who_shares_a_name_or_an_id_with_a_known_key_is_a_stranger() -> None:
    same_name = Signature(NAME, b"\x00\x00\x00\x00", bytes(64))
    same_id = Signature("stranger.example", VERIFIER.key_id, bytes(64))
    note = open_note(write_note(TEXT, [same_name, same_id, SIGNATURE]), [VERIFIER])
    assert note.unknown == (same_name, same_id)
    for alone in (same_name, same_id):
        assert "no signature" in refused(write_note(TEXT, [alone]))


def test_a_wrong_signature_by_a_known_key_spoils_the_note_though_another_is_right() -> None:
    other = VerifierKey("other", OTHER.public)
    wrong = sign_text("Another line.\n", "other", OTHER)
    assert "'other' does not verify" in refused(write_note(TEXT, [SIGNATURE, wrong]), VERIFIER, other)
    assert open_note(write_note(TEXT, [SIGNATURE, wrong]), [VERIFIER]).unknown == (wrong,)


def test_a_second_signature_by_one_key_is_verified_too_and_counts_once() -> None:
    cosigner = VerifierKey("w", KEY.public, COSIGNATURE)
    twice = [cosign_text(TEXT, "w", KEY, time) for time in (5, 9)]
    assert open_note(write_note(TEXT, twice), [cosigner]).verified == {cosigner: twice[0]}
    assert open_note(write_note(TEXT, [SIGNATURE] * 3), [VERIFIER]).verified == {VERIFIER: SIGNATURE}
    wrong = SIGNATURE._replace(raw=bytes(64))
    assert "does not verify" in refused(write_note(TEXT, [SIGNATURE, wrong]))
    assert "does not verify" in refused(write_note(TEXT, [wrong, SIGNATURE]))


def test_unknown_signatures_are_given_as_they_came_also_twice() -> None:
    stranger = Signature("stranger", b"abcd", b"x")
    assert open_note(write_note(TEXT, [stranger, SIGNATURE, stranger]), [VERIFIER]).unknown == (stranger, stranger)


def test_two_known_keys_that_a_signature_could_mean_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four bytes collide when somebody works at it; here the hash is made to."""
    monkeypatch.setattr(VerifierKey, "key_id", property(lambda _key: b"same"))
    assert "which one signed cannot be told" in refused(NOTE, VERIFIER, VerifierKey(NAME, OTHER.public))


def test_one_key_that_is_given_twice_is_one_key() -> None:
    assert open_note(NOTE, [VERIFIER, VerifierKey(NAME, KEY.public)]).verified == {VERIFIER: SIGNATURE}


def test_a_key_signs_under_its_own_type_only() -> None:
    cosigner = VerifierKey(NAME, KEY.public, COSIGNATURE)
    assert cosigner.key_id != VERIFIER.key_id
    assert "no signature" in refused(NOTE, cosigner)
    # The same key and the right id, but the signature that it makes for the other purpose.
    forged = Signature(NAME, cosigner.key_id, bytes(8) + SIGNATURE.raw)
    assert "does not verify" in refused(write_note(TEXT, [forged]), cosigner)


def test_sixteen_signatures_and_a_thousand_are_read_and_more_are_not() -> None:
    strangers = [Signature(f"w{number}", b"abcd", b"x") for number in range(MAX_SIGNATURES)]
    assert len(parse_note(write_note(TEXT, strangers[:16]))[1]) == 16
    assert len(parse_note(write_note(TEXT, strangers))[1]) == MAX_SIGNATURES
    assert "at most 1000" in refused(write_note(TEXT, [*strangers, SIGNATURE]))


def test_a_note_that_is_too_large_is_not_read() -> None:
    text = "x" * (MAX_NOTE - len(NOTE) + len(TEXT) - 1) + "\n"
    whole = write_note(text, [sign_text(text, NAME, KEY)])
    assert len(whole) == MAX_NOTE
    assert open_note(whole, [VERIFIER]).text == text
    assert f"at most {MAX_NOTE}" in refused(b"x" + whole)


# names -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("space", SPACES)
def test_a_name_has_no_unicode_spaces(space: str) -> None:
    for name in (space, f"a{space}b", f"{space}a", f"a{space}"):
        assert not is_key_name(name)
        with pytest.raises(BadNote):
            VerifierKey(name, KEY.public)


@pytest.mark.parametrize(
    "name", ["a", "exercise.example/log", "é", "名", "a\u200bb", "\x7f", "\U0001f511", "—", "a" * 9_000]
)
def test_other_letters_of_a_name_are_a_matter_of_taste(name: str) -> None:
    verifier = VerifierKey(name, KEY.public)
    assert VerifierKey.parse(str(verifier)) == verifier
    assert list(open_note(write_note(TEXT, [sign_text(TEXT, name, KEY)]), [verifier]).verified) == [verifier]


@pytest.mark.parametrize("name", ["", "+", "a+", "+a", "a\x00", "a\x1fb", "a\n", "a\udce5"])
def test_a_name_that_cannot_be_read_back_is_refused(name: str) -> None:
    with pytest.raises(BadNote, match="name of a key"):
        VerifierKey(name, KEY.public)


@given(st.text(), st.binary(min_size=4, max_size=4), st.binary(min_size=1, max_size=90))
def test_a_signature_line_is_read_back_wherever_its_name_is_one(name: str, key_id: bytes, raw: bytes) -> None:
    signature = Signature(name, key_id, raw)
    if not is_key_name(name):
        with pytest.raises(BadNote):
            parse_signature(signature.line[:-1])
        return
    assert parse_signature(signature.line[:-1]) == signature


# verifier keys -----------------------------------------------------------------------------------------------------


def test_a_key_id_is_the_hash_of_name_type_and_key() -> None:
    for algorithm in (ED25519, COSIGNATURE):
        material = NAME.encode() + b"\n" + bytes([algorithm]) + KEY.public.raw
        verifier = VerifierKey(NAME, KEY.public, algorithm)
        assert verifier.key_id == hashlib.sha256(material).digest()[:4]
        assert VerifierKey.parse(str(verifier)) == verifier


@pytest.mark.parametrize("place", range(len(str(VERIFIER))))
def test_no_letter_of_a_verifier_key_can_be_changed_or_left_out(place: int) -> None:
    text = str(VERIFIER)
    for changed in (
        text[:place] + chr(ord(text[place]) + 1) + text[place + 1 :],
        text[:place] + text[place + 1 :],
        text[:place],
        text[place + 1 :],
        text[:place] + " " + text[place:],
    ):
        with pytest.raises(BadNote):
            VerifierKey.parse(changed)


def _made(name: str, material: bytes, key_id: str = "") -> str:
    found = key_id or hashlib.sha256(name.encode() + b"\n" + material).hexdigest()[:8]
    return f"{name}+{found}+{base64.b64encode(material).decode()}"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no verifier key"), ("a", "no verifier key"), ("a+b", "no verifier key"), ("a+00000000",
        "no verifier key"),
        ("+00000000+AQ==", "33 were expected"), ("a+0000000+AQ==", "no verifier key"), ("a+00000000+", "not base64"),
        (str(VERIFIER).upper(), "no verifier key"), (f"{VERIFIER}\n", "not base64"), (f"{VERIFIER}=", "not base64"),
        (_made("a", b"\x01" + KEY.public.raw, "00000000"), "says the id 00000000"),
        (_made("a", b"\x01"), "1 bytes; 33"), (_made("a", b"\x01" + KEY.public.raw[:-1]), "32 bytes; 33"),
        (_made("a", b"\x01" + KEY.public.raw + b"\x00"), "34 bytes; 33"), (_made("a",
        b"\x00" + KEY.public.raw), "0x00"),
        (_made("a", b"\x02" + KEY.public.raw), "0x02"), (_made("a", b"\x05" + KEY.public.raw), "0x05"),
        (_made("a", b"\xff" + KEY.public.raw), "0xff"), (_made("a", b"\x06" + bytes(1_312)), "ML-DSA-44"),
        (_made("a b", b"\x01" + KEY.public.raw), "name of a key"), (_made("",
        b"\x01" + KEY.public.raw), "name of a key"),
        (_made("a", b"\x01" + bytes(32)), "small order"), (_made("a", b"\x04" + b"\xff" * 32), "canonical"),
    ],
)  # fmt: skip
def test_a_verifier_key_of_another_form_is_refused_with_the_reason(text: str, said: str) -> None:
    with pytest.raises(BadNote, match=said):
        VerifierKey.parse(text)


def test_a_private_key_in_the_place_of_a_verifier_key_is_refused_without_quoting_it() -> None:
    secret = base64.b64encode(b"\x01" + bytes(range(32))).decode()
    with pytest.raises(BadNote, match="private key") as caught:
        VerifierKey.parse(f"PRIVATE+KEY+a+00000000+{secret}")
    assert secret[:8] not in str(caught.value)


# cosignatures ------------------------------------------------------------------------------------------------------


def test_a_cosignature_signs_its_time_and_the_text() -> None:
    cosigner = VerifierKey("w", KEY.public, COSIGNATURE)
    found = cosign_text(TEXT, "w", KEY, 1_679_315_147)
    assert KEY.public.verify(found.raw[8:], b"cosignature/v1\ntime 1679315147\nOne line.\n")
    later = found._replace(raw=(1_679_315_148).to_bytes(8, "big") + found.raw[8:])
    assert "does not verify" in refused(write_note(TEXT, [later]), cosigner)
    assert "does not verify" in refused(write_note("Another.\n", [found]), cosigner)


def test_a_time_beyond_what_is_allowed_is_refused_though_it_was_signed() -> None:
    cosigner = VerifierKey("w", KEY.public, COSIGNATURE)
    signed = KEY.sign(f"cosignature/v1\ntime {2**63}\n{TEXT}".encode())
    late = Signature("w", cosigner.key_id, (2**63).to_bytes(8, "big") + signed)
    assert "does not verify" in refused(write_note(TEXT, [late]), cosigner)
    with pytest.raises(BadNote, match="no timestamp"):
        _ = late.timestamp
    for time in (-1, 2**63):
        with pytest.raises(ValueError, match="no time of a cosignature"):
            cosign_text(TEXT, "w", KEY, time)


@pytest.mark.parametrize("size", [0, 1, 8, 64, 71, 73, 2_428])
def test_a_signature_that_is_no_cosignature_has_no_time(size: int) -> None:
    with pytest.raises(BadNote, match="no timestamp"):
        _ = Signature("w", b"abcd", bytes(size)).timestamp


# published vectors -------------------------------------------------------------------------------------------------


@needs_shared
def test_the_published_notes_verify_under_the_published_keys() -> None:
    found = vectors("signed_note")
    keys = {name: VerifierKey.parse(text) for name, text in found["vkeys"].items()}
    assert {name: str(key) for name, key in keys.items()} == found["vkeys"]
    for each in found["notes"]:
        note = open_note(each["note"].encode(), keys.values())
        assert [key.name for key in note.verified] == each["verified_by"]
        assert write_note(note.text, note.verified.values()) == each["note"].encode()
        for name in each["verified_by"]:
            assert list(open_note(each["note"].encode(), [keys[name]]).verified) == [keys[name]]


@needs_shared
def test_the_published_private_key_makes_the_published_note() -> None:
    found = vectors("signed_note")
    name, key_id, secret = found["skeys"]["PeterNeumann"].removeprefix("PRIVATE+KEY+").split("+", 2)
    key = SigningKey.from_seed(base64.b64decode(secret)[1:])
    assert VerifierKey(name, key.public).key_id.hex() == key_id
    assert write_note(found["text"], [sign_text(found["text"], name, key)]) == found["notes"][0]["note"].encode()


@needs_shared
def test_the_published_bad_keys_and_malformed_notes_are_refused() -> None:
    found = vectors("signed_note")
    for text in found["bad_vkeys"]:
        with pytest.raises(BadNote):
            VerifierKey.parse(text)
    peter = VerifierKey.parse(found["vkeys"]["PeterNeumann"])
    text, whole = found["text"].encode(), found["notes"][0]["note"].encode()
    signature = whole[len(text) + 1 :]
    badly_named = signature[:-1].replace(b"PeterNeumann", b"Bad Name")
    # The source of the vectors lists them as expressions of its own language; these are they.
    malformed = [
        text, text + b"\n", text + b"\n" + signature[:-1], b"\x01" + text + b"\n" + signature,
        b"\xff" + text + b"\n" + signature, text + b"\n" + badly_named,
        text + b"\n" + signature + b"Unexpected line.\n",
    ]  # fmt: skip
    assert len(malformed) == found["go_source_of_malformed_messages"].count("text")
    for message in malformed:
        with pytest.raises(BadNote):
            parse_note(message)
        refused(message, peter)


@needs_shared
def test_of_the_published_cosigners_keys_the_ed25519_one_is_read_and_the_other_named() -> None:
    ed25519, ml_dsa = vectors("cosignature_v1")["vkeys_ok"]
    found = VerifierKey.parse(ed25519)
    assert (found.name, found.algorithm, str(found)) == ("remora.n621.de", COSIGNATURE, ed25519)
    with pytest.raises(BadNote, match=r"ML-DSA-44 one \(0x06\); this network signs with Ed25519 only"):
        VerifierKey.parse(ml_dsa)


@needs_shared
def test_the_published_cosignature_says_its_time() -> None:
    found = vectors("cosignature_v1")["timestamp"]
    assert parse_signature(f"— w {found['sig_base64']}").timestamp == found["unix"]


def test_a_key_that_is_no_point_of_the_curve_verifies_nothing() -> None:
    """It loads, and then no signature is valid under it."""
    y = next(y for y in range(2, 40) if not _on_curve(y))
    raw = y.to_bytes(32, "little")
    assert not PublicKey.checked(raw).verify(bytes(64), b"data")
    assert not PublicKey.checked(raw).verify(raw + bytes(32), b"data")


def _on_curve(y: int) -> bool:
    p = 2**255 - 19
    d = -121665 * pow(121666, -1, p)
    square = (y * y - 1) * pow(d * y * y + 1, -1, p) % p
    return square == 0 or pow(square, (p - 1) // 2, p) == 1
