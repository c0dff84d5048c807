"""The view's digest, recomputed from the log's statements alone, and compared with what the hub stated of it.

The arithmetic is that of `wire.view_digest`; here is what an auditor needs beside it: exclusions take statements out
again, and a view may be stated a little later than its size.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from wire.audit.entries import Entry
from wire.audit.report import Report
from wire.audit.tree import GrownTree
from wire.encoding import b64url, from_b64url
from wire.merkle import HASH_SIZE
from wire.view_digest import (
    BUCKETS,
    EMPTY_DIGEST,
    BadStatement,
    Stated,
    bucket_digest,
    bucket_of,
    open_stated,
    state_root,
)

_UNDOABLE: Final = 8_192  # changes that can be taken back, for a view stated a little later than its size


@dataclass(frozen=True, slots=True)
class Version:
    """An included statement of a record: its index and hash, and whether the public may see the record."""

    index: int
    hash: bytes
    public: bool


Row = tuple[Version, ...]  # the last included one at the end, and the one before it


class ViewFold:
    """Which records there are, each with its last included statement: one row for each record."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._buckets: list[dict[str, Row]] = [{} for _ in range(BUCKETS)]
        self._digests = [EMPTY_DIGEST] * BUCKETS
        self._touched: set[int] = set()
        self._undo: deque[tuple[int, str, Row | None]] = deque(maxlen=_UNDOABLE)
        self._unclear_from = -1  # the view cannot be recomputed from this index on

    def take(self, entry: Entry) -> None:
        """Include a statement about a record."""
        said = entry.examined.said
        assert said is not None  # noqa: S101 - only what stands rightly in the log is included
        address = f"{said.kind}/{said.organization}/{said.record_id}"
        public = said.marking == "TLP:CLEAR" and said.action != "withdrawn"
        old = self.row(address)
        self._set(entry.index, address, (*(old or ())[-1:], Version(entry.index, entry.examined.hash, public)))

    def exclude(self, index: int, address: str, stated_at: int) -> None:
        """Take a statement out again that the hub left out of the view."""
        old = self.row(address)
        kept = tuple(version for version in old or () if version.index != index)
        if old is None or kept == old or (not kept and stated_at > index + 1 and len(old) > 1):
            self._unclear_from = stated_at
            return
        self._set(index, address, kept or None)

    def check(self, entry: Entry, tree: GrownTree) -> None:
        """Compare what the hub states of its view with what the statements give."""
        try:
            stated = open_stated(entry.body or b"")
        except BadStatement as error:
            self._wrong(entry, str(error), "nonce, root, rows, size and state")
            return
        if stated.size > entry.index:
            self._wrong(entry, f"a view of {stated.size} entries", f"at most {entry.index}, its own index")
            return
        oldest = self._undo[0][0] if len(self._undo) == _UNDOABLE else -1
        if self._unclear_from >= 0 or stated.size < oldest:
            self._report.findings.add(
                "view-unclear", f"a view of {stated.size} entries", "one that can be recomputed", index=entry.index
            )
            return
        self._report.done["digest"] += 1
        rows, state = self._at(stated.size)
        expected = Stated(stated.size, tree.root_at(stated.size), rows, state)
        if stated != expected:
            told, right = stated.members(), expected.members()
            name = next(name for name in told if told[name] != right[name])
            self._wrong(entry, f"{name} {told[name]}", f"{right[name]} at {stated.size} entries")

    def row(self, address: str) -> Row | None:
        """Give a record's row."""
        return self._buckets[bucket_of(address)].get(address)

    def public_addresses(self) -> Iterable[str]:
        """Give the addresses of the records that everybody may see."""
        return (address for bucket in self._buckets for address, row in bucket.items() if row[-1].public)

    def save(self) -> dict[str, Any]:
        """Give what a later audit goes on with."""
        rows = [[a, [[v.index, b64url(v.hash), v.public] for v in row]] for b in self._buckets for a, row in b.items()]
        return {"rows": rows, "unclear_from": self._unclear_from}

    def restore(self, kept: dict[str, Any]) -> None:
        """Take it up again."""
        for address, versions in kept["rows"]:
            row = tuple(Version(int(i), from_b64url(h, size=HASH_SIZE), bool(public)) for i, h, public in versions)
            self._set(row[-1].index, str(address), row)
        self._undo.clear()
        self._unclear_from = int(kept["unclear_from"])

    def _set(self, index: int, address: str, row: Row | None) -> None:
        bucket = bucket_of(address)
        self._undo.append((index, address, self._buckets[bucket].get(address)))
        self._touched.add(bucket)
        if row is None:
            self._buckets[bucket].pop(address, None)
        else:
            self._buckets[bucket][address] = row

    def _at(self, size: int) -> tuple[int, bytes]:
        """Rows and state when the log had `size` entries."""
        for bucket in self._touched:
            self._digests[bucket] = _digest(self._buckets[bucket])
        self._touched.clear()
        before = {address: row for index, address, row in reversed(self._undo) if index >= size}
        digests = list(self._digests)
        count = sum(map(len, self._buckets))
        for bucket in {bucket_of(address) for address in before}:
            lines = dict(self._buckets[bucket])
            count -= len(lines)
            for address, row in before.items():
                if bucket_of(address) == bucket:
                    lines.pop(address, None)
                    lines |= {} if row is None else {address: row}
            count += len(lines)
            digests[bucket] = _digest(lines)
        return count, state_root(digests)

    def _wrong(self, entry: Entry, found: str, expected: str) -> None:
        self._report.findings.add("view-wrong", found, expected, index=entry.index, token=entry.token.decode())


def _digest(bucket: dict[str, Row]) -> bytes:
    return bucket_digest((address, row[-1].hash) for address, row in bucket.items())
