"""What an auditor knew of a log before, from a state file or a checkpoint: the log must have grown from it."""

from wire.audit.checkpoints import claimed, compare, verified
from wire.audit.report import Report
from wire.audit.tree import GrownTree
from wire.checkpoint import Checkpoint
from wire.encoding import b64url
from wire.log_source import LogSource, PartMissing
from wire.merkle import tree_root
from wire.next_log import origin_of
from wire.tiles import BadTile, subtree_of
from wire.trust import Trust


class BadSince(ValueError):
    """What was given is no checkpoint of the log that is audited; the message says what it is."""


class Since:
    """An earlier checkpoint that the auditor kept: compared once, as soon as the log is known up to it.

    BadSince for what is none of this log; one that only its signature belies is found.
    """

    def __init__(self, note: bytes | None, trust: Trust, report: Report) -> None:
        self._note = note or b""
        self._report = report
        if note is not None:
            _check_kind(note, trust.origin)
        found = None if note is None else verified(report, trust, note)
        self._checkpoint = None if found is None else found.checkpoint
        self.size = 0 if found is None else found.checkpoint.size

    def within(self, end: Checkpoint) -> bool:
        """Whether the log is as long as it was; what is shorter is found."""
        if self.size <= end.size:
            return True
        shorter(self._report, self.size, end.size, self._note.decode())
        return False

    def reached(self, tree: GrownTree) -> None:
        """Compare, if the tree has got there, whether it was read now or for an earlier audit."""
        if self._checkpoint is None or tree.size < self.size:
            return
        checkpoint, self._checkpoint = self._checkpoint, None
        self._report.done["history"] += 1
        try:
            root = tree.root_at(checkpoint.size)
        except PartMissing as error:
            self._report.findings.add("tile-mismatch", str(error), f"the leaf hashes below entry {checkpoint.size}")
            return
        if root != checkpoint.root:
            compare(self._report, self._note, root, checkpoint.size)


def _check_kind(note: bytes, origin: str) -> None:
    if claimed(note) is None:
        raise BadSince("what was given as the earlier checkpoint is none: a signed note with origin, size and root")
    if origin_of(note) != origin:
        raise BadSince(f"the earlier checkpoint is one of {origin_of(note)[:100]}; the log is {origin}")


def continues(tree: GrownTree, end: Checkpoint, source: LogSource, report: Report) -> bool:
    """Whether the log that is shown now begins with the tree that was audited before; what differs is found."""
    if tree.size > end.size:
        shorter(report, tree.size, end.size, "")
        return False
    try:
        now = tree_root(tree.size, subtree_of(tree.size, source.tile))
    except (BadTile, PartMissing) as error:
        report.findings.add("part-missing", str(error), f"the tiles of the first {tree.size} entries")
        return False
    if now != tree.root_at(tree.size):
        report.findings.add(
            "inconsistent", f"root {b64url(now)} at {tree.size} entries",
            f"{b64url(tree.root_at(tree.size))}, as audited before", size=tree.size,
        )  # fmt: skip
        return False
    report.done["history"] += 1
    return True


def shorter(report: Report, before: int, now: int, note: str) -> None:
    """Find a log that has lost what it had."""
    report.findings.add("rolled-back", f"{now} entries", f"{before} or more, which it had before", note=note)
