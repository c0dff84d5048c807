"""Checkpoints that the log kept: each a beginning of it, with a quorum; between two of them lies an entry's time."""

from array import array
from bisect import bisect_right
from itertools import takewhile
from typing import Final

from wire.audit.entries import Entry
from wire.audit.report import Report
from wire.checkpoint import Checkpoint, Cosigned, Witnesses, open_checkpoint, parse_checkpoint
from wire.encoding import b64url
from wire.log_source import LogSource
from wire.notes import BadNote, parse_note
from wire.trust import Trust

MOST_MISSING: Final = 1_000  # kept checkpoints that are listed and not there; no more are asked for after that
FAR: Final = 3_600  # seconds by which a claimed time may lie outside its bracket without a word
_STAMPED: Final = 8 + 64  # bytes of a cosignature: time and signature


class Checkpoints:
    """Follows the kept checkpoints as the log is read, one ahead, and keeps size and time of those behind."""

    def __init__(self, source: LogSource, trust: Trust, report: Report, after: int, end: int) -> None:
        """Those of more than `after` entries and at most `end`, which is where the reading ends."""
        self._source = source
        self._trust = trust
        self._report = report
        self._sizes = takewhile(lambda size: size <= end, source.checkpoint_sizes(after))
        self._missing = 0
        self._behind_sizes, self._behind_times = array("q"), array("q")
        self.due = -1  # size of the next kept checkpoint; -1 if there is none
        self._note = b""
        self._time: int | None = None
        self._advance()

    def passed(self, root: bytes, witnesses: Witnesses) -> None:
        """Verify the checkpoint that is due: the log has been read up to it, and these were its witnesses then."""
        found = verified(self._report, self._trust, self._note, witnesses)
        if found is not None:
            if found.checkpoint.size != self.due or found.checkpoint.root != root:
                compare(self._report, self._note, root, self.due)
            if not found.has_quorum:
                no_quorum(self._report, found)
            self._report.done["history"] += 1
        if self._time is not None:
            self._behind_sizes.append(self.due)
            self._behind_times.append(self._time)
        self._advance()

    def bracket(self, entry: Entry) -> None:
        """Note a claimed time that lies far outside what can be proved of it."""
        said = entry.examined.said
        assert said is not None  # noqa: S101 - only what stands rightly in the log is looked at
        lower = self._time_at(entry.seen[0]) if entry.seen is not None else None
        upper = self._time if self.due > entry.index else None
        if lower is None and upper is None:
            return
        self._report.done["time"] += 1
        if lower is not None and entry.spoken < lower - FAR:
            self._report.findings.add(
                "back-dated", said.time, f"not before {lower} (POSIX seconds), when what it had seen was cosigned",
                index=entry.index, organization=said.organization,
            )  # fmt: skip
        if upper is not None and entry.spoken > upper + FAR:
            self._report.findings.add(
                "post-dated", said.time, f"not after {upper} (POSIX seconds), when its entry was cosigned",
                index=entry.index, organization=said.organization,
            )  # fmt: skip

    def _time_at(self, size: int) -> int | None:
        place = bisect_right(self._behind_sizes, size)
        return self._behind_times[place - 1] if place else None

    def _advance(self) -> None:
        self.due, self._note, self._time = -1, b"", None
        for size in self._sizes:
            note = self._source.checkpoint_at(size)
            if note is not None:
                self.due, self._note, self._time = size, note, _earliest(note)
                return
            self._report.findings.add("part-missing", f"no checkpoint of {size}", "what the log lists as kept")
            self._missing += 1
            if self._missing == MOST_MISSING:
                return


def verified(report: Report, trust: Trust, note: bytes, witnesses: Witnesses | None = None) -> Cosigned | None:
    """Verify a checkpoint; what is wrong with it is found."""
    report.done["checkpoint"] += 1
    try:
        return open_checkpoint(note, trust.log_verifier, witnesses)
    except BadNote as error:
        report.findings.add(
            "checkpoint-forged",
            str(error),
            f"a note signed by {trust.log_verifier}",
            note=note.decode(errors="replace"),
        )
        return None


def claimed(note: bytes) -> Checkpoint | None:
    """What a checkpoint says, whoever signed it."""
    try:
        return parse_checkpoint(parse_note(note)[0])
    except BadNote:
        return None


def compare(report: Report, note: bytes, root: bytes, size: int) -> None:
    """Find a signed checkpoint that is no beginning of the log: the note and the log's own root are the evidence."""
    report.findings.add(
        "inconsistent", f"a signed checkpoint of {size} entries with another root", f"root {b64url(root)}",
        note=note.decode(errors="replace"), root=b64url(root), size=size,
    )  # fmt: skip


def no_quorum(report: Report, found: Cosigned) -> None:
    """Find a checkpoint with too few cosignatures."""
    report.findings.add(
        "no-quorum", f"{len(found.cosigners)} cosignatures on the checkpoint of {found.checkpoint.size} entries",
        f"{found.quorum}", note=found.note.decode(),
    )  # fmt: skip


def _earliest(note: bytes) -> int | None:
    try:
        _, signatures = parse_note(note)
    except BadNote:
        return None
    return min((each.timestamp for each in signatures if len(each.raw) == _STAMPED), default=None)
