"""Proofs that an entry is in the log, whole in one text that can be checked offline (C2SP tlog-proof)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from wire.checkpoint import Cosigned, Witnesses, open_checkpoint
from wire.merkle import HASH_SIZE, MAX_PROOF, leaf_hash, verify_inclusion
from wire.notes import BadNote, VerifierKey, b64, from_b64

_HEADER = b"c2sp.org/tlog-proof@v1"
_INDEX = re.compile(r"index (0|[1-9][0-9]{0,18})")


@dataclass(frozen=True, slots=True)
class TlogProof:
    """The entry's index, the audit path from its sibling up, and the signed checkpoint that it leads to."""

    index: int
    path: tuple[bytes, ...]
    checkpoint: bytes

    def to_bytes(self) -> bytes:
        """Write the proof."""
        lines = [_HEADER.decode(), f"index {self.index}", *(b64(each) for each in self.path), ""]
        return "".join(f"{line}\n" for line in lines).encode() + self.checkpoint


def make_proof(index: int, path: Sequence[bytes], checkpoint: bytes) -> TlogProof:
    """Put a proof together."""
    return TlogProof(index, tuple(path), checkpoint)


def parse_proof(data: bytes) -> TlogProof:
    """Read a proof; BadNote if it is malformed. Extra data is refused: this network has none."""
    head, blank, checkpoint = data.partition(b"\n\n")
    lines = head.split(b"\n", MAX_PROOF + 3)
    if not blank or lines[0] != _HEADER or len(lines) < 2:
        raise BadNote("no tlog-proof: it begins with c2sp.org/tlog-proof@v1, an index and the path, then an empty line")
    try:
        index, path = lines[1].decode("ascii"), [from_b64(line.decode("ascii")) for line in lines[2:]]
    except UnicodeDecodeError:
        raise BadNote("the proof has letters outside ASCII in its first lines") from None
    found = _INDEX.fullmatch(index)
    if found is None or int(found[1]) >= 2**63:
        raise BadNote(f"{index[:60]!r} is no index; index and a number were expected")
    if len(path) > MAX_PROOF or any(len(each) != HASH_SIZE for each in path):
        raise BadNote(f"the path has hashes of another length than {HASH_SIZE} bytes, or more than {MAX_PROOF}")
    return TlogProof(int(found[1]), tuple(path), checkpoint)


def verify_proof(proof: TlogProof, entry: bytes, log: VerifierKey, witnesses: Witnesses) -> Cosigned:
    """Verify that the log holds `entry`, and give the checkpoint that shows it; BadNote if the proof fails.

    Whether the checkpoint has a quorum is for the caller to ask.
    """
    found = open_checkpoint(proof.checkpoint, log, witnesses)
    checkpoint = found.checkpoint
    if not verify_inclusion(leaf_hash(entry), proof.index, checkpoint.size, proof.path, checkpoint.root):
        raise BadNote(f"entry {proof.index} does not lead to the root of the checkpoint of {checkpoint.size} entries")
    return found
