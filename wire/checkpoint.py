"""Checkpoints of the log (C2SP tlog-checkpoint), signed by it and cosigned by a quorum of witnesses."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from wire.keys import PublicKey, SigningKey
from wire.merkle import HASH_SIZE
from wire.notes import (
    COSIGNATURE,
    BadNote,
    Note,
    Signature,
    VerifierKey,
    b64,
    cosign_text,
    from_b64,
    open_note,
    sign_text,
    write_note,
)

_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")


class Checkpoint(NamedTuple):
    """A tree head: the log's name, how many entries it has, and the root hash over them (32 bytes)."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """The text that is signed."""
        return f"{self.origin}\n{self.size}\n{b64(self.root)}\n"


@dataclass(frozen=True)
class Witnesses:
    """Who cosigns in a network, by organization, and how many of them (`quorum`, k) make a checkpoint count."""

    network: str
    keys: Mapping[str, PublicKey] = field(default_factory=dict)
    quorum: int = 0

    def verifiers(self) -> dict[VerifierKey, str]:
        """Give the key under which each organization cosigns."""
        return {
            VerifierKey(witness_name(self.network, organization), key, COSIGNATURE): organization
            for organization, key in self.keys.items()
        }


@dataclass(frozen=True)
class Cosigned:
    """A verified checkpoint with the organizations that cosigned it and when (POSIX seconds)."""

    checkpoint: Checkpoint
    note: bytes
    cosigners: Mapping[str, int]
    quorum: int

    @property
    def has_quorum(self) -> bool:
        """Whether enough witnesses cosigned."""
        return len(self.cosigners) >= self.quorum


def witness_name(network: str, organization: str) -> str:
    """Name under which an organization's node cosigns."""
    return f"{network}/witness/{organization}"


def parse_checkpoint(text: str) -> Checkpoint:
    """Read a checkpoint's text; BadNote for another form. Extension lines are refused: nobody can audit them."""
    lines = text.split("\n")
    if len(lines) != 4 or lines[3] or not lines[0] or not _SIZE.fullmatch(lines[1]):
        raise BadNote("a checkpoint is an origin, a size and a root hash, each on a line of its own, and nothing else")
    size, root = int(lines[1]), from_b64(lines[2])
    if len(root) != HASH_SIZE or size >= 2**63:
        raise BadNote(f"a root hash of {len(root)} bytes and a size of {size}; {HASH_SIZE} bytes were expected")
    return Checkpoint(lines[0], size, root)


def sign_checkpoint(checkpoint: Checkpoint, key: SigningKey) -> bytes:
    """Sign as the log; the name of the key is the origin."""
    return write_note(checkpoint.text, [sign_text(checkpoint.text, checkpoint.origin, key)])


def cosign(checkpoint: Checkpoint, network: str, organization: str, key: SigningKey, time: int) -> Signature:
    """Cosign as the witness of an organization at `time`, in POSIX seconds."""
    return cosign_text(checkpoint.text, witness_name(network, organization), key, time)


def open_checkpoint(message: bytes, log: VerifierKey, witnesses: Witnesses | None = None) -> Cosigned:
    """Verify a checkpoint of this log and its cosignatures; BadNote if the log did not sign it, or one is wrong."""
    organizations = witnesses.verifiers() if witnesses is not None else {}
    note: Note = open_note(message, [log, *organizations])
    if log not in note.verified:
        raise BadNote(f"the checkpoint is not signed by the log {log.name}")
    checkpoint = parse_checkpoint(note.text)
    if checkpoint.origin != log.name:
        raise BadNote(f"a checkpoint of {checkpoint.origin!r}; one of {log.name!r} was expected")
    cosigners = {
        organizations[key]: signature.timestamp for key, signature in note.verified.items() if key in organizations
    }
    return Cosigned(checkpoint, message, cosigners, witnesses.quorum if witnesses is not None else 0)
