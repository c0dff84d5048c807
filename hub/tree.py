"""The log's Merkle tree as the hub keeps it: the growing tiles in memory, all tiles in the database."""

from collections.abc import Iterable

from sqlalchemy import Connection, select

from hub import tables
from wire.encoding import from_b64url
from wire.merkle import HASH_SIZE, Subtree, leaf_hash, tree_root
from wire.tiles import HEIGHT, WIDTH, BadTile, Tile, perfect_root, subtree_of, width_in

FULL = WIDTH * HASH_SIZE
Place = tuple[int, int]  # level and number


class Tree:
    """Grows by one leaf at a time; holds only the rightmost tile of each level. Not for two threads at once."""

    def __init__(self, size: int = 0, edges: Iterable[bytes] = ()) -> None:
        """`edges` are the hashes of the rightmost, not yet full tile of each level, from the leaves up."""
        self.size = size
        self._edges = [bytearray(each) for each in edges]
        self._full: dict[Place, bytes] = {}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Tree) and (self.size, self._edges) == (other.size, other._edges)

    __hash__ = None  # type: ignore[assignment]  # it grows

    def append(self, token: bytes) -> None:
        """Add the next entry of the log."""
        self._add(0, leaf_hash(token))
        self.size += 1

    def _add(self, level: int, node: bytes) -> None:
        if level == len(self._edges):
            self._edges.append(bytearray())
        edge = self._edges[level]
        edge += node
        if len(edge) == FULL:
            hashes = bytes(edge)
            self._full[level, self._number(level)] = hashes
            edge.clear()
            self._add(level + 1, perfect_root(hashes))

    def _number(self, level: int) -> int:
        return self.size >> HEIGHT * (level + 1)

    def root(self) -> bytes:
        """Root hash of the whole log."""
        return tree_root(self.size, subtree_of(self.size, lambda level, _number, _width: bytes(self._edges[level])))

    def take_changed(self) -> list[tuple[int, int, bytes]]:
        """Give what has changed since the last call, as rows of `tiles`: tiles that became full, and the edges."""
        rows = [(level, number, hashes) for (level, number), hashes in self._full.items()]
        self._full.clear()
        rows += [(level, self._number(level), bytes(edge)) for level, edge in enumerate(self._edges) if edge]
        return rows


def read_tile(connection: Connection, tile: Tile) -> bytes:
    """Give the first `width` hashes of a tile; BadTile if the table does not hold as many."""
    table = tables.tiles
    query = select(table.c.hashes).where(table.c.level == tile.level, table.c.number == tile.number)
    found = bytes(connection.scalar(query) or b"")[: tile.width * HASH_SIZE]
    if len(found) != tile.width * HASH_SIZE:
        held = len(found) // HASH_SIZE
        raise BadTile(f"tile {tile.level}/{tile.number} has {held} hashes; {tile.width} were expected")
    return found


def tree_in(connection: Connection, size: int) -> Subtree:
    """Give the function through which proofs read the tree of the first `size` entries."""
    return subtree_of(size, lambda level, number, width: read_tile(connection, Tile(level, number, width)))


def load_tree(connection: Connection, size: int) -> Tree:
    """Read the growing tiles of a log of `size` entries; BadTile if one is not there."""
    edges, level = [], 0
    while size >> HEIGHT * level:
        number = size >> HEIGHT * (level + 1)
        width = width_in(level, number, size)
        edges.append(read_tile(connection, Tile(level, number, width)) if width else b"")
        level += 1
    return Tree(size, edges)


def fill_tiles(connection: Connection) -> None:
    """Make the tiles of a log that has none."""
    tree = Tree()
    for token in connection.execute(select(tables.log.c.token).order_by(tables.log.c.index)).scalars():
        tree.append(bytes(token))
        if tree.size % (WIDTH * WIDTH) == 0:
            write_tiles(connection, tree)
    if tree.size:
        write_tiles(connection, tree)


def write_tiles(connection: Connection, tree: Tree) -> None:
    """Write what has changed of a tree, slowly but on any database."""
    table = tables.tiles
    for level, number, hashes in tree.take_changed():
        connection.execute(table.delete().where(table.c.level == level, table.c.number == number))
        connection.execute(table.insert().values(level=level, number=number, hashes=hashes))


def names_tree(connection: Connection, seen: str, size: int) -> bool:
    """Whether a statement that would stand behind `size` entries names a tree of this log by "size:root"."""
    number, _, root = seen.partition(":")
    if int(number) > size:
        return False
    try:
        return tree_root(int(number), tree_in(connection, int(number))) == from_b64url(root, size=HASH_SIZE)
    except BadTile:
        return False  # of the very batch that is judged: nobody can have seen that
