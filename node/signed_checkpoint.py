"""A checkpoint as it came: opened under the log's key, and what it proves when it contradicts another one."""

from typing import NamedTuple

from node.alarms import Finding, Name
from node.store.log import Seen, Tree
from schemas.sentences import sentence
from wire.checkpoint import Checkpoint, parse_checkpoint
from wire.notes import BadNote, b64, open_note, parse_note, write_note
from wire.trust import Trust


class NotCosigned(Exception):
    """A checkpoint that is not cosigned; `status` is the answer of C2SP tlog-witness, `size` what goes with a 409."""

    def __init__(self, status: int, text: str, size: int = 0) -> None:
        super().__init__(text)
        self.status = status
        self.size = size


class SignedCheckpoint(NamedTuple):
    """A checkpoint under the log's signature; `bare` has that signature and no other, `note` is as it came."""

    checkpoint: Checkpoint
    bare: bytes
    note: bytes


def open_signed(note: bytes, trust: Trust) -> SignedCheckpoint:
    """Open a checkpoint of the network's log; NotCosigned says what is wrong with it."""
    try:
        text, _ = parse_note(note)
    except BadNote as error:
        raise NotCosigned(400, str(error)) from None
    if text.partition("\n")[0] != trust.origin:
        raise NotCosigned(404, f"this node witnesses the log {trust.origin} and no other")
    try:
        opened = open_note(note, [trust.log_verifier])
    except BadNote as error:
        raise NotCosigned(403, str(error)) from None
    try:
        checkpoint = parse_checkpoint(text)
    except BadNote as error:
        raise NotCosigned(400, str(error)) from None
    return SignedCheckpoint(checkpoint, write_note(text, [opened.verified[trust.log_verifier]]), note)


def split_view(signed: SignedCheckpoint, other: Seen | Tree) -> Finding:
    """Give the alarm about two checkpoints of one log that contradict each other."""
    size = signed.checkpoint.size
    text = sentence(
        "the log has signed two histories: its checkpoints of {size} and of {other} entries "
        "cannot both be of one log that only grows",
        size=size,
        other=other.size,
    )
    notes = sorted((signed.bare.decode(), other.note.decode()))
    return Finding(Name.SPLIT_VIEW, text, size, {"note-1": notes[0], "note-2": notes[1]})


def other_entries(signed: SignedCheckpoint, root: bytes, newest: Seen | None) -> Finding:
    """Give the alarm about a checkpoint of other entries than those read here, whose root is `root`."""
    size = signed.checkpoint.size
    text = sentence(
        "the log has signed another tree of {size} entries than the hub has shown to this node: "
        "somebody else is shown another history",
        size=size,
    )
    evidence = {"note": signed.bare.decode(), "root of the entries read here": b64(root)}
    if newest is not None:
        evidence["note of an earlier tree that agreed"] = newest.note.decode()
    return Finding(Name.SPLIT_VIEW, text, size, evidence)


def rolled_back(signed: SignedCheckpoint, before: Seen) -> Finding:
    """Give the alarm about a newest checkpoint that is smaller than one before."""
    text = sentence(
        "the log's newest checkpoint has {size} entries; it has signed one of {other} before: "
        "the hub has gone back, from a backup or in order to tell another history",
        size=signed.checkpoint.size,
        other=before.size,
    )
    notes = {"note": signed.bare.decode(), "note of the larger tree": before.note.decode()}
    return Finding(Name.ROLLED_BACK, text, before.size, notes)
