"""Copies a log into a directory, verified as it comes; what lies there is whole up to DIR/checkpoint at any moment."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, takewhile
from pathlib import Path
from typing import Final

from wire.checkpoint import Checkpoint, open_checkpoint
from wire.encoding import b64url
from wire.log_source import DirectoryLog, LogSource, PartMissing
from wire.merkle import EMPTY_ROOT, frontier, leaf_hash, tree_root
from wire.mirror_bodies import MirrorBodies
from wire.mirror_files import BadMirror, GrowingTiles, superseded, write_file
from wire.mirror_mending import mend_log
from wire.mirror_orders import bodies_to_erase, is_order
from wire.next_log import log_of, origin_of
from wire.notes import BadNote
from wire.tiles import WIDTH, BadTile, bundle, subtree_of, tile_path, width_in
from wire.trust import BadTrust, Trust, parse_trust

__all__ = ["BadMirror", "Copied", "Mirror"]

STEP: Final = 64 * WIDTH  # entries after which a kept checkpoint is made the mirror's own
_MEND: Final = "Run liaison mirror with --check: it gets again what this directory has lost, if that is so"

Progress = Callable[[int, int | None], None]


@dataclass
class Copied:
    """What a run added: entries and bodies; `absent` bodies could be asked for and were not there.

    `erased` are those that orders in what was added name: they are not there, whether they had been or not. `mended`
    are files of the log that had been lost or damaged.
    """

    size: int = 0
    entries: int = 0
    bodies: int = 0
    absent: int = 0
    erased: int = 0
    mended: int = 0


class Mirror:
    """One mirror directory and the log that it copies. `check`: all that lies there is read, and mended."""

    def __init__(
        self, source: LogSource, directory: Path, step: Progress, trust: Trust | None = None, *, check: bool = False
    ) -> None:
        self._source = source
        self._here = DirectoryLog(directory)
        self._directory = directory
        self._step = step
        self._given = trust
        self._check = check
        self.copied = Copied()

    def run(self) -> Copied:
        """Copy everything up to the log's newest checkpoint; BadMirror, LogError or BadTrust if that cannot be."""
        shown, first = self._trust()
        trust = log_of(self._source, first)
        have = self._have(trust)
        if not (self._directory / "trust.json").exists():
            write_file(self._directory / "trust.json", shown)
        bodies = MirrorBodies(self._source, self._here, check=self._check)
        before = bodies.erased
        note = self._source.checkpoint()
        newest = self._opened(trust, note)
        _check_grown(have, newest)
        self.copied.mended = self._mend(trust, have)
        if self._check or bodies.lost:  # all that was ever named: not for a run that only goes on
            bodies.look_over(have.size)
        listed = self._source.checkpoint_sizes(have.size)
        sizes = list(takewhile(lambda size: size <= newest.size, listed))
        for begin, end in pairwise([have.size, *_stops(have.size, newest.size, sizes)]):
            stop, signed = (note, newest) if end == newest.size else self._kept(trust, end)
            kept = {size: self._kept(trust, size) for size in sizes if begin < size <= end}
            orders = self._copy(begin, signed, {size: checkpoint for size, (_, checkpoint) in kept.items()}, bodies)
            if orders:
                bodies.erased = bodies_to_erase(self._here, first, end)
            for done in bodies.of_records(begin, end, named_again=not orders):
                self._step(done, newest.size)
            bodies.note_erased()
            for size, (each, _) in kept.items():
                write_file(self._directory / "checkpoints" / str(size), each)
            # Last, so that what lies there is always whole up to it; only then what it no longer needs goes.
            write_file(self._directory / "checkpoint", stop)
            for path in superseded(self._directory, end):
                path.unlink(missing_ok=True)
            bodies.destroy()
        self.copied.size, self.copied.bodies, self.copied.absent = newest.size, bodies.copied, bodies.absent
        self.copied.erased = len(bodies.erased - before)
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

    def _have(self, trust: Trust) -> Checkpoint:
        """Give what the mirror has. A log that was lost and the one in its place have a mirror each."""
        path = self._directory / "checkpoint"
        if not path.exists():
            return Checkpoint(trust.origin, 0, EMPTY_ROOT)
        note = self._here.checkpoint()
        kept = origin_of(note)
        if kept not in ("", trust.origin):
            raise BadMirror(
                f"{self._directory} is a mirror of the log {kept}, and {self._source.name} shows {trust.origin} now. "
                "Keep it, for it is what is left of that log; mirror this one into another directory"
            )
        try:
            return open_checkpoint(note, trust.log_verifier).checkpoint
        except BadNote as error:
            raise BadMirror(
                f"{path} is damaged: {error}. Put the newest file of {self._directory / 'checkpoints'} in its place, "
                "and run liaison mirror again"
            ) from None

    def _mend(self, trust: Trust, have: Checkpoint) -> int:
        """Get again what was lost of the log and its kept checkpoints, and see that it is what was signed."""
        mended = mend_log(self._source, self._here, have, check=self._check)
        try:
            root = tree_root(have.size, subtree_of(have.size, self._here.tile))
        except BadTile as error:
            raise BadMirror(f"{self._directory} is damaged: {error}. {_MEND}") from None
        if root != have.root:
            raise BadMirror(
                f"{self._directory} is damaged: its tiles give the root {b64url(root)}, its checkpoint has "
                f"{b64url(have.root)}. {_MEND}"
            )
        return mended + self._mend_kept(trust, have)

    def _mend_kept(self, trust: Trust, have: Checkpoint) -> int:
        folder, mended = self._directory / "checkpoints", 0
        whole = self._check or not folder.is_dir()
        sizes = self._source.checkpoint_sizes() if whole else iter(self._emptied(folder))
        subtree = subtree_of(have.size, self._here.tile)
        for size in takewhile(lambda size: size <= have.size, sizes):
            root = tree_root(size, subtree)
            if _is_kept(folder / str(size), trust, size, root):
                continue
            note, signed = self._kept(trust, size)
            if signed.root != root:
                raise BadMirror(
                    f"the {size} entries of {self._source.name} give the root {b64url(root)}; "
                    f"its log signed {b64url(signed.root)} for them"
                )
            write_file(folder / str(size), note)
            mended += 1
        return mended

    def _emptied(self, folder: Path) -> list[int]:
        return [size for size in self._here.checkpoint_sizes() if not (folder / str(size)).stat().st_size]

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

    def _copy(self, begin: int, end: Checkpoint, kept: dict[int, Checkpoint], bodies: MirrorBodies) -> bool:
        """Copy the entries from `begin` on, with what is about no record; whether an order of erasure is among them.

        What was written is taken back if it does not lead to the root, nor to those of the kept checkpoints on the way.
        """
        written: list[Path] = []
        orders = False
        tiles = GrowingTiles(self._directory, begin, self._here, written)
        tree = frontier(begin, subtree_of(begin, self._here.tile))
        for number in range(begin // WIDTH, -(-end.size // WIDTH)):
            entries = self._entries(number, begin, end.size, written)
            bodies.of_no_record(entries)
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

    def _entries(self, number: int, begin: int, end: int, written: list[Path]) -> list[bytes]:
        """Give the bundle's entries that are new, and write it; those from before must be the same as before."""
        width = width_in(0, number, end)
        path = self._directory / "tile/entries" / tile_path(number, width)
        written.append(path)
        # A run that was interrupted has left it; like all else it must lead to the root.
        entries = self._left_behind(number) if width == WIDTH and path.exists() else []
        entries = entries or self._source.entries(number, width)
        known = max(0, begin - number * WIDTH)
        if known and entries[:known] != self._here.entries(number, known):
            raise BadMirror(
                f"{self._source.name} shows other entries in bundle {number} than {self._directory} has. {_MEND}"
            )
        write_file(path, bundle(entries))
        return entries[known:]

    def _left_behind(self, number: int) -> list[bytes]:
        try:
            return self._here.entries(number, WIDTH)
        except PartMissing:
            return []


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


def _is_kept(path: Path, trust: Trust, size: int, root: bytes) -> bool:
    """Whether a checkpoint of this size and root lies there, as the log signed it."""
    try:
        return open_checkpoint(path.read_bytes(), trust.log_verifier).checkpoint[1:3] == (size, root)
    except (FileNotFoundError, BadNote):
        return False
