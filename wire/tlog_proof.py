"""Proofs that an entry is in the log, whole in one text that can be checked offline (C2SP tlog-proof)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from schemas.sentences import gettext_noop as N_
from schemas.sentences import sentence
from wire.checkpoint import MAX_SIZE, Cosigned, Witnesses, open_checkpoint
from wire.merkle import HASH_SIZE, MAX_PROOF, leaf_hash, verify_inclusion
from wire.notes import MAX_NOTE, BadNote, VerifierKey, b64, from_b64

_HEADER = "c2sp.org/tlog-proof@v1"
_EXTRA = "extra "
_INDEX = re.compile(r"index (0|[1-9][0-9]{0,18})")


@dataclass(frozen=True, slots=True)
class TlogProof:
    """The entry's index, the audit path from its sibling up, and the signed checkpoint that it leads to.

    `extra` is what else the maker put in; nobody signed it.
    """

    index: int
    path: tuple[bytes, ...]
    checkpoint: bytes
    extra: bytes = b""

    def to_bytes(self) -> bytes:
        """Write the proof."""
        extra = [f"{_EXTRA}{b64(self.extra)}"] if self.extra else []
        lines = [_HEADER, *extra, f"index {self.index}", *(b64(each) for each in self.path), ""]
        return "".join(f"{line}\n" for line in lines).encode() + self.checkpoint


def make_proof(index: int, path: Sequence[bytes], checkpoint: bytes) -> TlogProof:
    """Put a proof together."""
    return TlogProof(index, tuple(path), checkpoint)


def parse_proof(data: bytes) -> TlogProof:
    """Read any log's proof; BadNote if it is malformed. The checkpoint is not opened."""
    if len(data) > MAX_NOTE:
        raise BadNote(
            sentence("the proof has {count} bytes; at most {max_note} are read", count=len(data), max_note=MAX_NOTE)
        )
    head, blank, checkpoint = data.partition(b"\n\n")
    try:
        first, *lines = head.decode("ascii").split("\n", MAX_PROOF + 4)
    except UnicodeDecodeError:
        raise BadNote(N_("the proof has letters outside ASCII in its first lines")) from None
    if not blank or first != _HEADER or not lines:
        raise BadNote(
            N_("no tlog-proof: it begins with c2sp.org/tlog-proof@v1, an index and the path, then an empty line")
        )
    extra = from_b64(lines.pop(0).removeprefix(_EXTRA)) if lines[0].startswith(_EXTRA) else b""
    found = _INDEX.fullmatch(lines[0]) if lines else None
    if found is None or int(found[1]) > MAX_SIZE:
        raise BadNote(
            sentence("{line} is no index; index and a number were expected", line=f"{''.join(lines[:1])[:60]!r}")
        )
    path = [from_b64(line) for line in lines[1:]]
    if len(path) > MAX_PROOF or any(len(each) != HASH_SIZE for each in path):
        raise BadNote(
            sentence(
                "the path has hashes of another length than {hash_size} bytes, or more than {max_proof}",
                hash_size=HASH_SIZE,
                max_proof=MAX_PROOF,
            )
        )
    return TlogProof(int(found[1]), tuple(path), checkpoint, extra)


def verify_proof(proof: TlogProof, entry: bytes, log: VerifierKey, witnesses: Witnesses) -> Cosigned:
    """Verify that the log holds `entry`, and give the checkpoint that shows it; BadNote if the proof fails.

    Whether the checkpoint has a quorum is for the caller to ask. Extra data is refused: this network has none, and
    what nobody signed must not travel under the name of a proof.
    """
    if proof.extra:
        raise BadNote(
            sentence("the proof brings {count} bytes of extra data; none were expected", count=len(proof.extra))
        )
    found = open_checkpoint(proof.checkpoint, log, witnesses)
    checkpoint = found.checkpoint
    if not verify_inclusion(leaf_hash(entry), proof.index, checkpoint.size, proof.path, checkpoint.root):
        raise BadNote(
            sentence(
                "entry {index} does not lead to the root of the checkpoint of {size} entries",
                index=proof.index,
                size=checkpoint.size,
            )
        )
    return found
