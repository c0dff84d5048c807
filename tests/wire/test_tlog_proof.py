"""Proofs that travel alone: read back as written, and accepted for one entry at one place under one checkpoint."""

import base64
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.signed_network import NETWORK, TRUST, key_of
from wire.checkpoint import Checkpoint, Witnesses, cosign, sign_checkpoint
from wire.merkle import MAX_PROOF, inclusion_proof, leaf_hash, node_hash, tree_root
from wire.notes import MAX_NOTE, BadNote, b64
from wire.tlog_proof import TlogProof, make_proof, parse_proof, verify_proof

LOG = TRUST.log_verifier
ENTRIES = [f"token {number}".encode() for number in range(21)]
WITNESS = key_of("ke-nctc witness")
WITNESSES = Witnesses(NETWORK, {"ke-nctc": WITNESS.public}, 1)
HEADER = "c2sp.org/tlog-proof@v1"
HASH = b64(hashlib.sha256(b"hash").digest())


def subtree(level: int, number: int) -> bytes:
    if level == 0:
        return leaf_hash(ENTRIES[number])
    return node_hash(subtree(level - 1, 2 * number), subtree(level - 1, 2 * number + 1))


def checkpoint(size: int) -> bytes:
    found = Checkpoint(LOG.name, size, tree_root(size, subtree))
    return sign_checkpoint(found, key_of("log")) + cosign(found, NETWORK, "ke-nctc", WITNESS, 1_000).line.encode()


def proof_of(index: int, size: int = len(ENTRIES)) -> TlogProof:
    return make_proof(index, inclusion_proof(index, size, subtree), checkpoint(size))


def refused(data: bytes) -> str:
    """Why a proof cannot be read."""
    with pytest.raises(BadNote) as caught:
        parse_proof(data)
    return str(caught.value)


@pytest.mark.parametrize("size", [1, 2, 3, 8, 21])
def test_a_proof_of_every_entry_is_read_back_and_verifies(size: int) -> None:
    for index in range(size):
        proof = parse_proof(proof_of(index, size).to_bytes())
        assert proof == proof_of(index, size)
        found = verify_proof(proof, ENTRIES[index], LOG, WITNESSES)
        assert (found.checkpoint.size, found.cosigners, found.has_quorum) == (size, {"ke-nctc": 1_000}, True)


def test_a_proof_is_written_as_the_specification_has_it() -> None:
    path = [hashlib.sha256(each).digest() for each in (b"one", b"two")]
    text = f"{HEADER}\nindex 5\n{b64(path[0])}\n{b64(path[1])}\n\nany checkpoint\n"
    assert make_proof(5, path, b"any checkpoint\n").to_bytes().decode() == text
    assert make_proof(0, [], b"c\n").to_bytes().decode() == f"{HEADER}\nindex 0\n\nc\n"
    extra = base64.b64encode(b"more").decode()
    with_extra = TlogProof(10, (path[0],), b"c\n", b"more")
    assert with_extra.to_bytes().decode() == f"{HEADER}\nextra {extra}\nindex 10\n{b64(path[0])}\n\nc\n"
    assert parse_proof(with_extra.to_bytes()) == with_extra


@given(
    st.integers(0, 2**63 - 1), st.lists(st.binary(min_size=32, max_size=32), max_size=MAX_PROOF), st.binary(),
    st.binary(max_size=90),
)  # fmt: skip
def test_any_proof_is_read_back(index: int, path: list[bytes], note: bytes, extra: bytes) -> None:
    proof = TlogProof(index, tuple(path), note, extra)
    assert parse_proof(proof.to_bytes()) == proof


def test_extra_data_of_which_nobody_signed_a_word_is_refused_in_this_network() -> None:
    proof = TlogProof(3, proof_of(3).path, proof_of(3).checkpoint, b"extra")
    with pytest.raises(BadNote, match="5 bytes of extra data"):
        verify_proof(proof, ENTRIES[3], LOG, WITNESSES)


@given(st.integers(0, len(proof_of(3).to_bytes()) * 8 - 1))
def test_no_bit_of_a_proof_can_be_flipped_to_prove_something_else(place: int) -> None:
    """What may flip is the name or id of a cosigner: then it is a stranger's, and does not count."""
    flipped = bytearray(proof_of(3).to_bytes())
    flipped[place // 8] ^= 1 << place % 8
    try:
        found = verify_proof(parse_proof(bytes(flipped)), ENTRIES[3], LOG, WITNESSES)
    except BadNote:
        return
    assert found.checkpoint.size == len(ENTRIES)
    assert not found.has_quorum


def test_a_proof_is_for_one_entry_at_one_place_in_one_tree() -> None:
    proof = proof_of(3)
    for entry in (b"", ENTRIES[2], ENTRIES[3] + b"\n", leaf_hash(ENTRIES[3])):
        with pytest.raises(BadNote, match="entry 3 does not lead"):
            verify_proof(proof, entry, LOG, WITNESSES)
    for index in (2, 4, 19, 21, 2**62):
        with pytest.raises(BadNote, match="does not lead"):
            verify_proof(make_proof(index, proof.path, proof.checkpoint), ENTRIES[3], LOG, WITNESSES)
    for size in (4, 8, 20):
        with pytest.raises(BadNote, match="does not lead"):
            verify_proof(make_proof(3, proof.path, checkpoint(size)), ENTRIES[3], LOG, WITNESSES)
    for path in ((), proof.path[:-1], proof.path[1:], proof.path[::-1], (*proof.path, proof.path[0])):
        with pytest.raises(BadNote, match="does not lead"):
            verify_proof(make_proof(3, path, proof.checkpoint), ENTRIES[3], LOG, WITNESSES)


def test_a_proof_under_a_checkpoint_of_another_log_is_refused() -> None:
    other = sign_checkpoint(Checkpoint("other.example/log", 21, tree_root(21, subtree)), key_of("log"))
    with pytest.raises(BadNote):
        verify_proof(make_proof(3, proof_of(3).path, other), ENTRIES[3], LOG, WITNESSES)


def test_a_proof_without_a_quorum_is_given_as_what_it_is() -> None:
    alone = sign_checkpoint(Checkpoint(LOG.name, 21, tree_root(21, subtree)), key_of("log"))
    found = verify_proof(make_proof(3, proof_of(3).path, alone), ENTRIES[3], LOG, WITNESSES)
    assert not found.has_quorum


@pytest.mark.parametrize(
    "text",
    [
        "", "\n", "\n\n", HEADER, f"{HEADER}\n", f"{HEADER}\n\n", f"{HEADER}\n\nc\n", f"{HEADER}\n\n\nc\n",
        f"{HEADER}\nindex 0\n", f"{HEADER}\nindex 0\nc\n", f" {HEADER}\nindex 0\n\nc\n", f"{HEADER} \nindex 0\n\nc\n",
        "c2sp.org/tlog-proof@v2\nindex 0\n\nc\n", "C2SP.org/tlog-proof@v1\nindex 0\n\nc\n",
        f"\n{HEADER}\nindex 0\n\nc\n",
        f"\ufeff{HEADER}\nindex 0\n\nc\n", f"{HEADER}\r\nindex 0\r\n\r\nc\r\n", f"{HEADER}\nindex 0\r\n\nc\n",
        f"{HEADER}\nindex\n\nc\n", f"{HEADER}\nindex \n\nc\n", f"{HEADER}\nindex  0\n\nc\n",
        f"{HEADER}\nindex 0 \n\nc\n",
        f"{HEADER}\nindex 00\n\nc\n", f"{HEADER}\nindex 01\n\nc\n", f"{HEADER}\nindex -5\n\nc\n",
        f"{HEADER}\nindex +5\n\nc\n",
        f"{HEADER}\nindex notanumber\n\nc\n", f"{HEADER}\nindex 0x5\n\nc\n", f"{HEADER}\nindex ٣\n\nc\n",
        f"{HEADER}\nIndex 0\n\nc\n", f"{HEADER}\n0\n\nc\n", f"{HEADER}\nindex {2**63}\n\nc\n",
        f"{HEADER}\nindex {'9' * 5_000}\n\nc\n",
        f"{HEADER}\n{HASH}\nindex 0\n\nc\n", f"{HEADER}\nindex 0\nindex 0\n\nc\n",
        f"{HEADER}\nindex 0\n!!notbase64!!\n\nc\n",
        f"{HEADER}\nindex 0\n{HASH[:-1]}\n\nc\n", f"{HEADER}\nindex 0\n{HASH} \n\nc\n",
        f"{HEADER}\nindex 0\n {HASH}\n\nc\n",
        f"{HEADER}\nindex 0\n{b64(bytes(31))}\n\nc\n", f"{HEADER}\nindex 0\n{b64(bytes(64))}\n\nc\n",
        f"{HEADER}\nextra {HASH}\n\nc\n", f"{HEADER}\nextra \nindex 0\n\nc\n", f"{HEADER}\nextra\nindex 0\n\nc\n",
        f"{HEADER}\nextra !!\nindex 0\n\nc\n", f"{HEADER}\nindex 0\nextra {HASH}\n\nc\n",
        f"{HEADER}\nextra {HASH}\nextra {HASH}\nindex 0\n\nc\n", f"{HEADER}\nextra YR==\nindex 0\n\nc\n",
        f"{HEADER}\nindex 0\n" + f"{HASH}\n" * (MAX_PROOF + 1) + "\nc\n",
        f"{HEADER}\nindex 0\n" + "a" * 70_000 + "\n",
        f"{HEADER}\nindex 0\n" + f"{HASH}\n" * 20_000 + "\nc\n", f"{HEADER}\nindex 0\né\n\nc\n",
    ],
)  # fmt: skip
def test_a_proof_of_another_form_is_refused(text: str) -> None:
    refused(text.encode())


def test_bytes_that_are_no_text_and_too_many_of_them_are_refused() -> None:
    assert "ASCII" in refused(f"{HEADER}\nindex 0\n".encode() + b"\xff\n\nc\n")
    assert f"at most {MAX_NOTE}" in refused(f"{HEADER}\nindex 0\n\n".encode() + bytes(MAX_NOTE))


def test_the_longest_path_is_read() -> None:
    path = f"{HASH}\n" * MAX_PROOF
    assert len(parse_proof(f"{HEADER}\nindex 0\n{path}\nc\n".encode()).path) == MAX_PROOF
