"""Gets again what a mirror has lost of its log, and keeps of it only what leads to the root that it has."""

import shutil
from collections.abc import Iterator
from pathlib import Path

from wire.checkpoint import Checkpoint
from wire.encoding import b64url
from wire.log_source import DirectoryLog, LogSource, PartMissing
from wire.merkle import HASH_SIZE, Frontier, leaf_hash
from wire.mirror_files import BadMirror, GrowingTiles, write_file
from wire.tiles import WIDTH, bundle, tile_path, tiles_of, width_in

_FOLDER = ".mending"  # beside the mirror's files until they have proved right


def mend_log(source: LogSource, here: DirectoryLog, have: Checkpoint, *, check: bool) -> int:
    """Put back what is missing or damaged of bundles and tiles; gives how many files that were.

    Without `check` only names and lengths are looked at, unless something is wrong with them. BadMirror where what is
    there and what the log shows do not lead to the mirror's root.
    """
    shutil.rmtree(here.directory / _FOLDER, ignore_errors=True)
    if not check and not any(_wrong(here.directory, have.size)):
        return 0
    aside = here.directory / _FOLDER
    tree, tiles = Frontier(), GrowingTiles(aside, 0, here, [])
    for number in range(-(-have.size // WIDTH)):
        for leaf in _leaves(source, here, aside, number, width_in(0, number, have.size)):
            tree.append(leaf)
            tiles.append(leaf)
    tiles.flush()
    if tree.root() != have.root:
        shutil.rmtree(aside)
        raise BadMirror(
            f"{here.directory} has lost or damaged files, and with what {source.name} shows of them its {have.size} "
            f"entries give the root {b64url(tree.root())}, not {b64url(have.root)}, which the log signed for it. "
            "Nothing was changed"
        )
    mended = 0
    for path in [each for each in aside.rglob("*") if each.is_file()]:
        place = here.directory / path.relative_to(aside)
        if not place.is_file() or place.read_bytes() != path.read_bytes():
            place.parent.mkdir(parents=True, exist_ok=True)
            path.replace(place)
            mended += 1
    shutil.rmtree(aside, ignore_errors=True)
    return mended


def _wrong(directory: Path, size: int) -> Iterator[Path]:
    """Files of the log that are not there or cannot be whole."""
    for tile in tiles_of(size):
        path = directory / f"tile/{tile.level}" / tile_path(tile.number, tile.width)
        if _length(path) != tile.width * HASH_SIZE:
            yield path
        if tile.level == 0:
            path = directory / "tile/entries" / tile_path(tile.number, tile.width)
            if _length(path) <= 2 * tile.width:
                yield path


def _length(path: Path) -> int:
    return path.stat().st_size if path.is_file() else -1


def _leaves(source: LogSource, here: DirectoryLog, aside: Path, number: int, width: int) -> list[bytes]:
    """Give the leaf hashes of a bundle: the mirror's own, if its tile says the same, else the log's, put aside."""
    try:
        leaves = [leaf_hash(entry) for entry in here.entries(number, width)]
    except PartMissing:
        leaves = []
    try:
        tile = here.tile(0, number, width)
    except PartMissing:
        tile = b"".join(leaves)
    if leaves and tile == b"".join(leaves):
        return leaves
    entries = source.entries(number, width)
    write_file(aside / "tile/entries" / tile_path(number, width), bundle(entries))
    return [leaf_hash(entry) for entry in entries]
