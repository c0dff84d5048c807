"""Checkpoints of the log (C2SP tlog-checkpoint), signed by it and cosigned by a quorum of witnesses."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from schemas.sentences import gettext_noop as N_
from schemas.sentences import sentence
from wire.keys import PublicKey, SigningKey
from wire.merkle import EMPTY_ROOT, HASH_SIZE
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

MAX_SIZE = 2**63 - 1

_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")


class Checkpoint(NamedTuple):
    """A tree head: the log's name, how many entries it has, the root hash over them (32 bytes), extension lines."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The text that is signed."""
        return "".join(f"{line}\n" for line in (self.origin, self.size, b64(self.root), *self.extensions))


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


def parse_checkpoint(text: str, *, extensions: bool = False) -> Checkpoint:
    """Read a checkpoint's text; BadNote for another form than the specification's.

    `extensions` allows its optional further lines, for checkpoints of other logs. This network's log writes none:
    nobody could audit what they say, and a witness would cosign it.
    """
    lines = text.split("\n")
    if len(lines) < 4 or lines.pop() or not all(lines) or not _SIZE.fullmatch(lines[1]):
        raise BadNote(N_("a checkpoint is an origin, a size and a root hash, each on a line of its own, none empty"))
    size, root = int(lines[1]), from_b64(lines[2])
    if len(root) != HASH_SIZE or size > MAX_SIZE:
        raise BadNote(
            sentence(
                "a root hash of {count} bytes and a size of {size}; {hash_size} bytes and at most 2^63 - 1 expected",
                count=len(root),
                size=size,
                hash_size=HASH_SIZE,
            )
        )
    if size == 0 and root != EMPTY_ROOT:
        raise BadNote(N_("the checkpoint of an empty log has another root than the hash of nothing"))
    if lines[3:] and not extensions:
        raise BadNote(sentence("the checkpoint has {count} extension lines; none were expected", count=len(lines) - 3))
    return Checkpoint(lines[0], size, root, tuple(lines[3:]))


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
        raise BadNote(sentence("the checkpoint is not signed by the log {name}", name=log.name))
    checkpoint = parse_checkpoint(note.text)
    if checkpoint.origin != log.name:
        raise BadNote(
            sentence(
                "a checkpoint of {origin}; one of {name} was expected",
                origin=f"{checkpoint.origin[:100]!r}",
                name=f"{log.name!r}",
            )
        )
    cosigners: dict[str, int] = {}
    counted: set[PublicKey] = set()
    for key, signature in note.verified.items():
        # A cosignature does not say by whom it is: under one key it is one, whoever registered that key again.
        if key in organizations and key.key not in counted:
            cosigners[organizations[key]] = signature.timestamp
            counted.add(key.key)
    return Cosigned(checkpoint, message, cosigners, witnesses.quorum if witnesses is not None else 0)
