"""Checkpoints: read as the specification has them, opened only as this network's log writes them, cosigners counted."""

import hashlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.signed_network import NETWORK, TRUST, key_of
from wire.checkpoint import (
    MAX_SIZE,
    Checkpoint,
    Cosigned,
    Witnesses,
    cosign,
    open_checkpoint,
    parse_checkpoint,
    sign_checkpoint,
    witness_name,
)
from wire.merkle import EMPTY_ROOT
from wire.notes import COSIGNATURE, BadNote, Signature, VerifierKey, b64, cosign_text, sign_text, write_note

LOG, LOG_KEY = TRUST.log_verifier, key_of("log")
ROOT = hashlib.sha256(b"root").digest()
CHECKPOINT = Checkpoint(f"{NETWORK}/log", 700, ROOT)
NOTE = sign_checkpoint(CHECKPOINT, LOG_KEY)
NAMES = ("ke-nctc", "fr-office", "un-oct")
KEYS = {name: key_of(f"{name} witness") for name in NAMES}
WITNESSES = Witnesses(NETWORK, {name: key.public for name, key in KEYS.items()}, 2)


def cosigned(*names: str, checkpoint: Checkpoint = CHECKPOINT, time: int = 1_000) -> bytes:
    """A checkpoint as the log signed it and these witnesses cosigned it."""
    lines = [cosign(checkpoint, NETWORK, name, KEYS[name], time + place).line for place, name in enumerate(names)]
    return sign_checkpoint(checkpoint, LOG_KEY) + "".join(lines).encode()


def opened(message: bytes, witnesses: Witnesses = WITNESSES) -> Cosigned:
    return open_checkpoint(message, LOG, witnesses)


def refused(message: bytes) -> str:
    """Why a checkpoint is refused."""
    with pytest.raises(BadNote) as caught:
        opened(message)
    return str(caught.value)


def signed(text: str) -> bytes:
    """Any text, signed by the log."""
    return write_note(text, [sign_text(text, LOG.name, LOG_KEY)])


# the form ----------------------------------------------------------------------------------------------------------


@given(
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1),
    st.integers(0, MAX_SIZE),
    st.binary(min_size=32, max_size=32),
    st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1), max_size=3),
)
def test_a_checkpoint_of_any_log_is_read_back(origin: str, size: int, root: bytes, extensions: list[str]) -> None:
    """The specification allows extension lines, and names of logs that are no URLs."""
    checkpoint = Checkpoint(origin, size, root if size else EMPTY_ROOT, tuple(extensions))
    assert parse_checkpoint(checkpoint.text, extensions=True) == checkpoint


@pytest.mark.parametrize("size", ["0", "1", "700", "20852163", str(2**63 - 1)])
def test_a_size_is_written_in_one_way(size: str) -> None:
    root = ROOT if int(size) else EMPTY_ROOT
    assert parse_checkpoint(f"a\n{size}\n{b64(root)}\n").size == int(size)


@pytest.mark.parametrize(
    "size",
    [
        "", "00", "01", "0700", "-0", "-1", "+1", " 1", "1 ", "1.0", "1e3", "0x10", "1_000", "1,000", "bananas",
        "٧", "１",
        str(2**63), str(2**64), "9" * 19, "9" * 20, "1" * 10_000, "NaN",
    ],
)  # fmt: skip
def test_any_other_spelling_of_a_size_and_any_over_the_limit_are_refused(size: str) -> None:
    with pytest.raises(BadNote):
        parse_checkpoint(f"a\n{size}\n{b64(ROOT)}\n")


@pytest.mark.parametrize("length", [0, 1, 7, 31, 33, 48, 64, 10_000])
def test_a_root_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(BadNote):
        parse_checkpoint(f"a\n1\n{b64(bytes(length))}\n")


@pytest.mark.parametrize(
    "text",
    [
        "", "\n", "a\n", "a\n1\n", f"a\n1\n{b64(ROOT)}", f"\n1\n{b64(ROOT)}\n", f"a\n\n{b64(ROOT)}\n", "a\n1\n\n",
        f"a\n1\n{b64(ROOT)}\n\n", f"a\n1\n{b64(ROOT)}\n\n\n", f"a\n1\n{b64(ROOT)}\n\nx\n",
        f"a\n1\n{b64(ROOT)}\nx\n\n",
        f"a\n1\n{b64(ROOT)}\nx", f"a\r\n1\r\n{b64(ROOT)}\r\n", f"1\na\n{b64(ROOT)}\n", f"a\n1\n{ROOT.hex()}\n",
        f"a\n1\n{b64(ROOT)[:-1]}\n", f"a\n1\n{b64(ROOT)} \n", f"a\n1\n {b64(ROOT)}\n", "a\n1\nThisIsn'tBase64\n",
        f"a\n1\n{b64(ROOT)[:-2]}" + ("h=" if b64(ROOT)[-2] != "h" else "i=") + "\n", f"a\n 1\n{b64(ROOT)}\n",
    ],
)  # fmt: skip
def test_a_text_of_another_form_is_no_checkpoint(text: str) -> None:
    with pytest.raises(BadNote):
        parse_checkpoint(text, extensions=True)


# the log's signature -----------------------------------------------------------------------------------------------


def test_a_checkpoint_is_opened_as_it_was_signed() -> None:
    found = open_checkpoint(NOTE, LOG)
    assert (found.checkpoint, found.note, found.cosigners, found.quorum) == (CHECKPOINT, NOTE, {}, 0)
    assert found.has_quorum


@given(st.integers(0, len(cosigned(*NAMES)) * 8 - 1))
def test_no_bit_of_a_cosigned_checkpoint_can_be_flipped_to_say_something_else(place: int) -> None:
    """A flip in a cosigner's name or key id makes a stranger of it; nothing else may pass."""
    flipped = bytearray(cosigned(*NAMES))
    flipped[place // 8] ^= 1 << place % 8
    try:
        found = opened(bytes(flipped))
    except BadNote:
        return
    assert found.checkpoint == CHECKPOINT
    assert len(found.cosigners) == 2
    assert set(found.cosigners.items()) < set(opened(cosigned(*NAMES)).cosigners.items())


def test_witnesses_without_the_log_are_not_enough() -> None:
    lines = [cosign(CHECKPOINT, NETWORK, name, KEYS[name], 1) for name in NAMES]
    assert "not signed by the log" in refused(write_note(CHECKPOINT.text, lines))


def test_the_logs_key_under_another_name_and_another_key_under_its_name_are_strangers() -> None:
    other = sign_text(CHECKPOINT.text, LOG.name, key_of("other"))
    assert "no signature" in refused(write_note(CHECKPOINT.text, [other]))
    renamed = sign_text(CHECKPOINT.text, "other.example/log", LOG_KEY)
    assert "no signature" in refused(write_note(CHECKPOINT.text, [renamed]))
    assert opened(write_note(CHECKPOINT.text, [other, renamed, sign_text(CHECKPOINT.text, LOG.name, LOG_KEY)]))


def test_a_checkpoint_of_another_log_is_refused_though_this_logs_key_signed_it() -> None:
    assert "one of 'exercise.example/log' was expected" in refused(signed(f"other.example/log\n1\n{b64(ROOT)}\n"))


def test_extension_lines_are_refused_in_this_network_though_its_log_signed_them() -> None:
    text = CHECKPOINT._replace(extensions=("one", "two")).text
    assert parse_checkpoint(text, extensions=True).extensions == ("one", "two")
    with pytest.raises(BadNote, match="2 extension lines"):
        parse_checkpoint(text)
    assert "2 extension lines; none were expected" in refused(signed(text))


def test_an_empty_log_has_the_root_of_nothing() -> None:
    empty = Checkpoint(CHECKPOINT.origin, 0, EMPTY_ROOT)
    assert opened(signed(empty.text)).checkpoint == empty
    assert "empty log has another root" in refused(signed(empty._replace(root=ROOT).text))


@pytest.mark.parametrize("text", ["\n", "One line.\n", f"{NETWORK}/log\n", f"{NETWORK}/log\n0700\n{b64(ROOT)}\n"])
def test_what_the_log_signed_and_is_no_checkpoint_is_refused(text: str) -> None:
    refused(signed(text))


# cosigners ---------------------------------------------------------------------------------------------------------


def test_cosigners_are_told_by_organization_with_their_times() -> None:
    found = opened(cosigned(*NAMES))
    assert found.cosigners == {"ke-nctc": 1_000, "fr-office": 1_001, "un-oct": 1_002}
    assert found.has_quorum


@pytest.mark.parametrize(("names", "enough"), [((), False), (NAMES[:1], False), (NAMES[1:], True), (NAMES, True)])
def test_a_quorum_is_as_many_witnesses_as_the_registry_says(names: tuple[str, ...], enough: bool) -> None:
    assert opened(cosigned(*names)).has_quorum is enough


def test_a_witness_that_cosigns_twice_counts_once_with_its_first_time() -> None:
    again = cosign(CHECKPOINT, NETWORK, "ke-nctc", KEYS["ke-nctc"], 2_000).line.encode()
    found = opened(cosigned("ke-nctc") + again)
    assert found.cosigners == {"ke-nctc": 1_000}
    assert not found.has_quorum


def test_one_key_that_two_organizations_registered_counts_once() -> None:
    """A cosignature v1 does not say whose it is: without this, one witness could make a quorum of its copies."""
    shared = KEYS["ke-nctc"]
    witnesses = Witnesses(NETWORK, dict.fromkeys(NAMES, shared.public), 2)
    lines = "".join(cosign(CHECKPOINT, NETWORK, name, shared, 1).line for name in NAMES)
    found = opened(NOTE + lines.encode(), witnesses)
    assert len(found.cosigners) == 1
    assert not found.has_quorum


def test_a_cosignature_of_another_checkpoint_spoils_the_note() -> None:
    for other in (CHECKPOINT._replace(size=701), CHECKPOINT._replace(root=EMPTY_ROOT), CHECKPOINT._replace(origin="a")):
        line = cosign(other, NETWORK, "ke-nctc", KEYS["ke-nctc"], 1).line.encode()
        assert "does not verify" in refused(NOTE + line)


def test_an_ordinary_signature_by_a_witness_is_no_cosignature() -> None:
    name = witness_name(NETWORK, "ke-nctc")
    ordinary = sign_text(CHECKPOINT.text, name, KEYS["ke-nctc"])
    assert opened(NOTE + ordinary.line.encode()).cosigners == {}
    key_id = VerifierKey(name, KEYS["ke-nctc"].public, COSIGNATURE).key_id
    disguised = Signature(name, key_id, bytes(8) + ordinary.raw)
    assert "does not verify" in refused(NOTE + disguised.line.encode())


def test_a_witness_of_another_network_or_with_a_key_that_was_replaced_is_a_stranger() -> None:
    text = CHECKPOINT.text
    elsewhere = cosign_text(text, witness_name("other.example", "ke-nctc"), KEYS["ke-nctc"], 1)
    replaced = cosign_text(text, witness_name(NETWORK, "ke-nctc"), key_of("old witness"), 1)
    found = opened(NOTE + elsewhere.line.encode() + replaced.line.encode())
    assert found.cosigners == {}


def test_without_witnesses_a_checkpoint_is_enough_by_itself() -> None:
    assert opened(NOTE, Witnesses(NETWORK)).has_quorum
    assert not opened(NOTE, replace(WITNESSES, quorum=1)).has_quorum


def test_as_many_witnesses_as_a_large_network_has_are_counted() -> None:
    keys = {f"org-{number}": key_of(f"witness {number}") for number in range(300)}
    lines = "".join(cosign(CHECKPOINT, NETWORK, name, key, 1).line for name, key in keys.items())
    witnesses = Witnesses(NETWORK, {name: key.public for name, key in keys.items()}, 201)
    assert len(opened(NOTE + lines.encode(), witnesses).cosigners) == 300
