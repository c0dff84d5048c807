"""Copies a log into a directory, verified as it comes; what lies there is whole up to DIR/checkpoint at any moment."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, takewhile
from pathlib import Path
from typing import Final

from schemas.statement import CONTROL
from wire.audit.entries import Named, named_by
from wire.checkpoint import Checkpoint, open_checkpoint
from wire.encoding import b64url, from_b64url
from wire.log_source import DirectoryLog, LogSource, PartMissing, has_hash
from wire.merkle import EMPTY_ROOT, HASH_SIZE, frontier, leaf_hash
from wire.mirror_files import GrowingTiles, superseded, write_file
from wire.mirror_orders import bodies_to_erase, is_order
from wire.next_log import log_of, origin_of
from wire.notes import BadNote
from wire.tiles import WIDTH, BadTile, bundle, subtree_of, tile_path, width_in
from wire.trust import BadTrust, Trust, parse_trust

STEP: Final = 64 * WIDTH  # entries after which a kept checkpoint is made the mirror's own
ERASED: Final = "erased"
_CONTROL: Final = CONTROL.encode()

Progress = Callable[[int, int | None], None]


class BadMirror(Exception):
    """What the hub shows is not what it signed or showed before; the message has both."""


@dataclass
class Copied:
    """What a run added: entries and bodies; `absent` bodies could be asked for and were not there.

    `erased` are those that orders in what was added name: they are not there, whether they had been or not.
    """

    size: int = 0
    entries: int = 0
    bodies: int = 0
    absent: int = 0
    erased: int = 0


class Mirror:
    """One mirror directory and the log that it copies."""

    def __init__(self, source: LogSource, directory: Path, step: Progress, trust: Trust | None = None) -> None:
        self._source = source
        self._here = DirectoryLog(directory)
        self._directory = directory
        self._step = step
        self._given = trust
        self._erased = set[bytes]()  # hashes of bodies that are not to be here
        self._missing = set[bytes]()
        self.copied = Copied()

    def run(self) -> Copied:
        """Copy everything up to the log's newest checkpoint; BadMirror, LogError or BadTrust if that cannot be."""
        shown, first = self._trust()
        trust = log_of(self._source, first)
        self._check_log(trust)
        if not (self._directory / "trust.json").exists():
            write_file(self._directory / "trust.json", shown)
        before = self._erased = self._list()
        old = self._opened(trust, self._here.checkpoint()) if (self._directory / "checkpoint").exists() else None
        have = old or Checkpoint(trust.origin, 0, EMPTY_ROOT)
        note = self._source.checkpoint()
        newest = self._opened(trust, note)
        _check_grown(have, newest)
        listed = self._source.checkpoint_sizes(have.size)
        sizes = list(takewhile(lambda size: size <= newest.size, listed))
        for begin, end in pairwise([have.size, *_stops(have.size, newest.size, sizes)]):
            stop, signed = (note, newest) if end == newest.size else self._kept(trust, end)
            listed_before = self._erased
            kept = {size: self._kept(trust, size) for size in sizes if begin < size <= end}
            orders = self._copy(begin, signed, {size: checkpoint for size, (_, checkpoint) in kept.items()})
            if orders:
                self._erased = bodies_to_erase(self._here, first, end)
            self._copy_bodies(begin, end, newest.size, named_again=not orders)
            if self._erased != listed_before:
                write_file(
                    self._directory / ERASED, "".join(f"{b64url(each)}\n" for each in sorted(self._erased)).encode()
                )
            for size, (each, _) in kept.items():
                write_file(self._directory / "checkpoints" / str(size), each)
            # Last, so that what lies there is always whole up to it; only then what it no longer needs goes.
            write_file(self._directory / "checkpoint", stop)
            for path in (*superseded(self._directory, end), *map(self._body, self._erased)):
                path.unlink(missing_ok=True)
        self.copied.size, self.copied.absent = newest.size, len(self._missing - self._erased)
        self.copied.erased = len(self._erased - before)
        return self.copied

    def _trust(self) -> tuple[bytes, Trust]:
        theirs = self._source.trust()
        trust = parse_trust(theirs)
        kept = self._directory / "trust.json"
        known = {f"{kept} has": parse_trust(kept.read_bytes())} if kept.exists() else {}
        if self._given is not None:
            known["you gave"] = self._given
        for whose, each in known.items():
            if each.to_bytes() != trust.to_bytes():
                raise BadTrust(f"{self._source.name} shows another trust.json than {whose}: another network")
        return theirs, trust

    def _check_log(self, trust: Trust) -> None:
        """A log that was lost and the one in its place are two logs, and each has a mirror of its own."""
        if not (self._directory / "checkpoint").exists():
            return
        kept = origin_of(self._here.checkpoint())
        if kept != trust.origin:
            raise BadMirror(
                f"{self._directory} is a mirror of the log {kept}, and {self._source.name} shows {trust.origin} now. "
                "Keep it, for it is what is left of that log; mirror this one into another directory"
            )

    def _opened(self, trust: Trust, note: bytes) -> Checkpoint:
        try:
            return open_checkpoint(note, trust.log_verifier).checkpoint
        except BadNote as error:
            raise BadMirror(f"a checkpoint of {self._source.name} does not verify: {error}") from None

    def _kept(self, trust: Trust, size: int) -> tuple[bytes, Checkpoint]:
        """Give a checkpoint that the log lists: its note, and what the log signed in it for just that size."""
        note = self._source.checkpoint_at(size)
        if note is None:
            raise PartMissing(f"{self._source.name} lists a checkpoint of {size} entries and does not have it")
        checkpoint = self._opened(trust, note)
        if checkpoint.size != size:
            raise BadMirror(f"{self._source.name} shows a checkpoint of {checkpoint.size} entries as that of {size}")
        return note, checkpoint

    def _copy(self, begin: int, end: Checkpoint, kept: dict[int, Checkpoint]) -> bool:
        """Copy the entries from `begin` on, with what is about no record; whether an order of erasure is among them.

        What was written is taken back if it does not lead to the root, nor to those of the kept checkpoints on the way.
        """
        written: list[Path] = []
        orders = False
        tiles = GrowingTiles(self._directory, begin, self._here, written)
        try:
            tree = frontier(begin, subtree_of(begin, self._here.tile))
        except BadTile as error:
            raise BadMirror(f"{self._directory} is damaged: {error}. Begin a new mirror beside it") from None
        for number in range(begin // WIDTH, -(-end.size // WIDTH)):
            entries = self._entries(number, begin, end.size, written)
            self._bodies([named for named in map(named_by, entries) if named and named[2] == _CONTROL])
            for entry in entries:
                leaf = leaf_hash(entry)
                tree.append(leaf)
                tiles.append(leaf)
                if tree.size in kept:
                    self._compare(tree.root(), kept[tree.size], begin, written)
            orders = orders or any(map(is_order, entries))
            self.copied.entries += len(entries)
        self._compare(tree.root(), end, begin, written)
        tiles.flush()
        return orders

    def _compare(self, root: bytes, signed: Checkpoint, begin: int, written: list[Path]) -> None:
        if root == signed.root:
            return
        for path in written:
            path.unlink(missing_ok=True)
        raise BadMirror(
            f"the {signed.size} entries of {self._source.name} give the root {b64url(root)}; "
            f"its log signed {b64url(signed.root)} for them. Nothing of it was kept; entries to {begin} stand"
        )

    def _copy_bodies(self, begin: int, end: int, total: int, *, named_again: bool) -> None:
        """Copy the bodies of records in these entries, but for the erased ones.

        `named_again`: no order is about these entries, so what they name is wanted, whatever was erased before.
        """
        for number in range(begin // WIDTH, -(-end // WIDTH)):
            entries = self._here.entries(number, width_in(0, number, end))[max(0, begin - number * WIDTH) :]
            wanted = [named for named in map(named_by, entries) if named and named[2] != _CONTROL]
            if named_again:
                self._erased = self._erased - {each[0] for each in wanted}
            self._bodies([each for each in wanted if each[0] not in self._erased])
            self._step(number * WIDTH + max(0, begin - number * WIDTH) + len(entries), total)

    def _entries(self, number: int, begin: int, end: int, written: list[Path]) -> list[bytes]:
        """Give the bundle's entries that are new, and write it; those from before must be the same as before."""
        width = width_in(0, number, end)
        path = self._directory / "tile/entries" / tile_path(number, width)
        written.append(path)
        # A run that was interrupted has left it; like all else it must lead to the root.
        source = self._here if width == WIDTH and path.exists() else self._source
        entries = source.entries(number, width)
        known = max(0, begin - number * WIDTH)
        if known and entries[:known] != self._here.entries(number, known):
            raise BadMirror(f"{self._source.name} shows other entries in bundle {number} than it showed this mirror")
        write_file(path, bundle(entries))
        return entries[known:]

    def _bodies(self, named: Sequence[Named]) -> None:
        wanted = [each[0] for each in named if self._source.may_read(each[1])]
        missing = [each for each in wanted if not _lies_there(self._body(each), each)]
        for datahash, body in zip(missing, self._source.bodies(missing), strict=True):
            if body is None or not has_hash(body, datahash):
                self._missing.add(datahash)
                continue
            write_file(self._body(datahash), body, durable=False)
            self.copied.bodies += 1

    def _body(self, datahash: bytes) -> Path:
        return self._directory / "bodies" / b64url(datahash)

    def _list(self) -> set[bytes]:
        """Read DIR/erased: hashes of bodies that orders name, so that they go even if a run was killed before."""
        path = self._directory / ERASED
        try:
            return {from_b64url(each, size=HASH_SIZE) for each in path.read_text("ascii").split()}
        except FileNotFoundError:
            return set()
        except ValueError as error:
            raise BadMirror(f"{path} is damaged: {error}. Begin a new mirror beside it") from None


def _check_grown(have: Checkpoint, newest: Checkpoint) -> None:
    if newest.size < have.size or (newest.size == have.size and newest.root != have.root):
        raise BadMirror(
            f"the log signed {have.size} entries with root {b64url(have.root)} for this mirror before; now it signs "
            f"{newest.size} with root {b64url(newest.root)}. Keep this directory: DIR/checkpoint is the evidence"
        )


def _stops(have: int, newest: int, sizes: Sequence[int]) -> Iterator[int]:
    """Sizes at which the mirror becomes whole on the way, far enough from each other."""
    last = have
    for size in sizes:
        if last + STEP <= size <= newest - STEP:
            yield size
            last = size
    yield newest


def _lies_there(path: Path, datahash: bytes) -> bool:
    try:
        return hashlib.sha256(path.read_bytes()).digest() == datahash
    except FileNotFoundError:
        return False
