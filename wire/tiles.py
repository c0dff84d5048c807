"""Tiles and entry bundles: how a log is cut into resources that never change (C2SP tlog-tiles)."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from wire.merkle import HASH_SIZE, Subtree, node_hash

WIDTH = 256  # hashes in a full tile, entries in a full bundle
HEIGHT = 8
MAX_LEVEL = 63
MAX_ENTRY = 65_535
MAX_NUMBER = 2**55  # tiles of leaf hashes: sizes are below 2^63

_PATH = re.compile(r"(?P<number>(?:x[0-9]{3}/)*[0-9]{3})(?:\.p/(?P<width>[1-9][0-9]{0,2}))?")

# Gives the hashes of tile (level, number), at least `width` of them, 32 bytes each.
ReadTile = Callable[[int, int, int], bytes]


class BadTile(ValueError):
    """A path, tile or bundle that does not have the form of the specification, or not the size that it must have."""


class Tile(NamedTuple):
    """One tile by its place: level (0 for leaf hashes), number within the level, and how many hashes it has."""

    level: int
    number: int
    width: int


def tile_path(number: int, width: int = WIDTH) -> str:
    """Give `<N>[.p/<W>]`: 1234067 is x001/x234/067; BadTile for what no log of fewer than 2^63 leaves has."""
    if not 0 <= number < MAX_NUMBER or not 1 <= width <= WIDTH:
        raise BadTile(f"there is no tile {number} of width {width}")
    digits = str(number)
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    parts = [digits[place : place + 3] for place in range(0, len(digits), 3)]
    name = "/".join([*(f"x{part}" for part in parts[:-1]), parts[-1]])
    return name if width == WIDTH else f"{name}.p/{width}"


def parse_tile_path(path: str) -> tuple[int, int]:
    """Read `<N>[.p/<W>]` back to number and width; BadTile for any other spelling of it."""
    found = _PATH.fullmatch(path) if len(path) <= 64 and path.isascii() else None
    if found is None:
        raise BadTile(f"{path[:80]!r} is no tile's path; x001/234 or x001/234.p/7 was expected")
    number = int(found["number"].replace("/", "").replace("x", ""))
    width = int(found["width"] or WIDTH)
    if width > WIDTH or number >= MAX_NUMBER or tile_path(number, width) != path:
        raise BadTile(f"{path!r} is not how this tile's path is written")
    return number, width


def width_in(level: int, number: int, size: int) -> int:
    """How many hashes the tile has in a tree of `size` leaves; 0 where it does not exist yet."""
    return max(0, min(WIDTH, (size >> HEIGHT * level) - number * WIDTH))


def tiles_of(size: int, start: int = 0) -> Iterator[Tile]:
    """Give the tiles of a tree of `size` leaves that one of `start` leaves, not more, lacks or has in another width."""
    if not 0 <= start <= size:
        raise ValueError(f"a tree of {size} leaves cannot have grown from one of {start}")
    for level in range(MAX_LEVEL + 1):
        hashes = size >> HEIGHT * level
        if not hashes:
            return
        first = (start >> HEIGHT * level) // WIDTH
        for number in range(first, -(-hashes // WIDTH)):
            width = width_in(level, number, size)
            if width != width_in(level, number, start):
                yield Tile(level, number, width)


def bundle(entries: Sequence[bytes]) -> bytes:
    """Write entries as one bundle, each behind its length in two bytes; BadTile if they do not fit."""
    if len(entries) > WIDTH:
        raise BadTile(f"{len(entries)} entries; at most {WIDTH} fit into a bundle")
    for entry in entries:
        if len(entry) > MAX_ENTRY:
            raise BadTile(f"an entry of {len(entry)} bytes; at most {MAX_ENTRY} fit into a bundle")
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def parse_bundle(data: bytes, width: int) -> list[bytes]:
    """Read a bundle of exactly `width` entries; BadTile if it has more, fewer, or ends within one."""
    entries: list[bytes] = []
    place = 0
    while place < len(data) and len(entries) < width:
        end = place + 2 + int.from_bytes(data[place : place + 2], "big")
        if end > len(data):
            raise BadTile(f"the bundle ends within entry {len(entries)}")
        entries.append(data[place + 2 : end])
        place = end
    if len(entries) != width or place != len(data):
        raise BadTile(
            f"a bundle of {width} entries was expected; it has {len(entries)} and {len(data) - place} bytes more"
        )
    return entries


def perfect_root(hashes: bytes) -> bytes:
    """Root over the hashes of a full tile, or over another power of two of them that lie in one; BadTile otherwise."""
    if len(hashes) % HASH_SIZE or (len(hashes) // HASH_SIZE).bit_count() != 1:
        raise BadTile(f"{len(hashes)} bytes are no power of two of hashes of {HASH_SIZE} bytes")
    nodes = [hashes[at : at + HASH_SIZE] for at in range(0, len(hashes), HASH_SIZE)]
    while len(nodes) > 1:
        nodes = [node_hash(nodes[at], nodes[at + 1]) for at in range(0, len(nodes), 2)]
    return nodes[0]


class TileHashes:
    """The subtrees of a tree of `size` leaves, read from its tiles; keeps what it has read."""

    def __init__(self, size: int, read: ReadTile) -> None:
        self._size = size
        self._read = read
        self._tiles: dict[tuple[int, int], bytes] = {}

    def subtree(self, level: int, number: int) -> bytes:
        """Hash of a perfect subtree; BadTile if the tree does not have it, or a tile is shorter than it must be."""
        if level < 0 or number < 0 or number + 1 << level > self._size:
            raise BadTile(f"a tree of {self._size} leaves has no whole subtree {number} at height {level}")
        tile_level, rest = divmod(level, HEIGHT)
        first = number << rest
        tile = self._tile(tile_level, first // WIDTH)
        place = first % WIDTH * HASH_SIZE
        part = tile[place : place + (HASH_SIZE << rest)]
        if len(part) != HASH_SIZE << rest:
            raise BadTile(f"tile {tile_level}/{first // WIDTH} is too short for a tree of {self._size} leaves")
        return perfect_root(part)

    def _tile(self, level: int, number: int) -> bytes:
        found = self._tiles.get((level, number))
        if found is None:
            width = width_in(level, number, self._size)
            if not width:
                raise BadTile(f"a tree of {self._size} leaves has no tile {level}/{number}")
            found = self._tiles[level, number] = self._read(level, number, width)
        return found


def subtree_of(size: int, read: ReadTile) -> Subtree:
    """Give the function through which proofs read a tree of `size` leaves that lies in tiles."""
    return TileHashes(size, read).subtree
