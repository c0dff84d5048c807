"""The log's tree as the entries give it: grows leaf by leaf, and knows its root at every earlier size."""

from typing import Final

from wire.encoding import b64url, from_b64url
from wire.log_source import LogSource, PartMissing
from wire.merkle import HASH_SIZE, node_hash, tree_root
from wire.tiles import HEIGHT, WIDTH, perfect_root

_RECENT: Final = 64  # bundles whose leaf hashes are kept: what organizations have seen is seldom older
_ROOTS: Final = 4_096


class GrownTree:
    """Keeps one hash for each 256 leaves and above; leaves of older bundles are read again where they are needed."""

    def __init__(self, source: LogSource) -> None:
        self._source = source
        self._levels: list[bytearray] = []  # [0] has the hashes of whole bundles, each next one half as many
        self._leaves: list[bytes] = []
        self._recent: dict[int, list[bytes]] = {}
        self._known_roots: dict[int, bytes] = {}
        self.size = 0

    def append(self, leaf: bytes) -> bytes | None:
        """Add a leaf hash; gives the bundle's leaf hashes, 256 of them, whenever one becomes full."""
        self._leaves.append(leaf)
        self.size += 1
        if len(self._leaves) < WIDTH:
            return None
        number, full = self.size // WIDTH - 1, self._leaves
        self._recent[number] = full
        self._recent.pop(number - _RECENT, None)
        joined = b"".join(full)
        self._push(perfect_root(joined), 0)
        self._leaves = []
        return joined

    def open_leaves(self) -> bytes:
        """Give the leaf hashes of the bundle that is not full."""
        return b"".join(self._leaves)

    def full_tile(self, level: int, number: int, width: int) -> bytes:
        """Give the hashes of a tile above the leaves, as they must be."""
        row = self._levels[HEIGHT * (level - 1)]
        start = number * WIDTH * HASH_SIZE
        return bytes(row[start : start + width * HASH_SIZE])

    def root_at(self, size: int) -> bytes:
        """Root of the first `size` leaves; PartMissing if leaves that must be read again are not the same ones."""
        if not 0 <= size <= self.size:
            raise ValueError(f"a tree of {self.size} leaves has no root at {size}")
        found = self._known_roots.get(size)
        if found is None:
            if len(self._known_roots) >= _ROOTS:
                self._known_roots.clear()
            found = self._known_roots[size] = tree_root(size, self._subtree)
        return found

    def save(self) -> dict[str, object]:
        """Give what a later audit goes on with."""
        rows = [b64url(bytes(row)) for row in self._levels]
        return {"size": self.size, "rows": rows, "leaves": b64url(self.open_leaves())}

    def restore(self, kept: dict[str, object]) -> None:
        """Take it up again; ValueError or TypeError for what cannot be."""
        size, rows, leaves = kept["size"], kept["rows"], kept["leaves"]
        if not isinstance(size, int) or not isinstance(rows, list) or not isinstance(leaves, str):
            raise TypeError("size, rows and leaves of a tree have other types")
        self._levels = [bytearray(from_b64url(row)) for row in rows]
        data = from_b64url(leaves)
        self._leaves = [data[at : at + HASH_SIZE] for at in range(0, len(data), HASH_SIZE)]
        expected = [size // WIDTH >> level for level in range((size // WIDTH).bit_length())]
        if [len(row) for row in self._levels] != [count * HASH_SIZE for count in expected]:
            raise ValueError("the tree's rows do not belong to its size")
        if len(data) != size % WIDTH * HASH_SIZE:
            raise ValueError("the tree's last leaves do not belong to its size")
        self.size = size

    def _push(self, node: bytes, level: int) -> None:
        if level == len(self._levels):
            self._levels.append(bytearray())
        row = self._levels[level]
        row += node
        if len(row) // HASH_SIZE % 2 == 0:
            self._push(node_hash(bytes(row[-2 * HASH_SIZE : -HASH_SIZE]), node), level + 1)

    def _subtree(self, level: int, number: int) -> bytes:
        if level >= HEIGHT:
            place = number * HASH_SIZE
            return bytes(self._levels[level - HEIGHT][place : place + HASH_SIZE])
        first = number << level
        leaves = self._bundle(first // WIDTH)
        return perfect_root(b"".join(leaves[first % WIDTH : first % WIDTH + (1 << level)]))

    def _bundle(self, number: int) -> list[bytes]:
        if number == self.size // WIDTH:
            return self._leaves
        found = self._recent.get(number)
        if found is None:
            tile = self._source.tile(0, number, WIDTH)
            found = [tile[at : at + HASH_SIZE] for at in range(0, len(tile), HASH_SIZE)]
            if perfect_root(tile) != self._subtree(HEIGHT, number):
                raise PartMissing(f"tile 0/{number} is not what the entries give")
            self._recent[number] = found
        return found
