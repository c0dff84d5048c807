"""Whether the hub's own log is still what it was: its entries, its tree and its last checkpoint must fit together."""

import hashlib
from typing import Any

import orjson
from sqlalchemy import Connection, select

from hub import tables
from hub.tree import Tree, load_tree, read_tile, tree_in
from wire.checkpoint import open_checkpoint
from wire.encoding import b64url
from wire.merkle import HASH_SIZE, leaf_hash, tree_root
from wire.notes import BadNote
from wire.tiles import WIDTH, BadTile, Tile, perfect_root, width_in
from wire.trust import Trust


class LogDamaged(Exception):
    """The hub's own log is not what it must be. The hub stops: only a person may decide what is true now.

    `evidence` is what was found, as members of a JSON document.
    """

    def __init__(self, text: str, **evidence: Any) -> None:
        super().__init__(text)
        self.evidence = evidence

    def document(self) -> bytes:
        """Give the evidence as a file."""
        shown = {name: _shown(value) for name, value in self.evidence.items()}
        return orjson.dumps({"damage": str(self), **shown}, option=orjson.OPT_INDENT_2) + b"\n"


def checked_tree(connection: Connection, trust: Trust, size: int) -> Tree:
    """Load the tree of a log of `size` entries; LogDamaged if it is not that of the entries, or left a checkpoint."""
    try:
        tree = load_tree(connection, size)
        if size:
            check_bundle(connection, (size - 1) // WIDTH, size)
        _check_last_checkpoint(connection, trust, size)
    except BadTile as error:
        raise LogDamaged(f"the log's tree is not whole: {error}; restore a backup", log_size=size) from None
    return tree


def check_bundle(connection: Connection, number: int, size: int) -> list[bytes]:
    """Read the tokens of bundle `number` in a log of `size` entries; LogDamaged if they are not those of its tile."""
    start, width = number * WIDTH, width_in(0, number, size)
    log = tables.log
    query = select(log.c.index, log.c.token).where(log.c.index >= start, log.c.index < start + width)
    rows = connection.execute(query.order_by(log.c.index)).all()
    hashes = read_tile(connection, Tile(0, number, width))
    for place in range(width):
        index, token = rows[place] if place < len(rows) else (None, b"")
        leaf = hashes[place * HASH_SIZE : (place + 1) * HASH_SIZE]
        if index != start + place or leaf_hash(bytes(token)) != leaf:
            raise LogDamaged(
                f"log entry {start + place} is not the one that the log's tree was built from; restore a backup",
                index=start + place, token=bytes(token), leaf_found=leaf_hash(bytes(token)), leaf_expected=leaf,
            )  # fmt: skip
    return [bytes(row.token) for row in rows]


def check_full_tile(connection: Connection, number: int, size: int, level: int = 0) -> None:
    """Check that a full tile's root stands in the tile above it, and so on upwards; LogDamaged if it does not."""
    above, place = number // WIDTH, number % WIDTH
    hashes = read_tile(connection, Tile(level, number, WIDTH))
    upper = read_tile(connection, Tile(level + 1, above, width_in(level + 1, above, size)))
    found, expected = perfect_root(hashes), upper[place * HASH_SIZE : (place + 1) * HASH_SIZE]
    if found != expected:
        raise LogDamaged(
            f"tile {level}/{number} of the log's tree does not have the root that the tile above it says",
            root_found=found, root_expected=expected,
        )  # fmt: skip
    if len(upper) == WIDTH * HASH_SIZE and place == WIDTH - 1:
        check_full_tile(connection, above, size, level + 1)


def _check_last_checkpoint(connection: Connection, trust: Trust, size: int) -> None:
    table = tables.checkpoints
    row = connection.execute(select(table).order_by(table.c.size.desc()).limit(1)).first()
    if row is None:
        return
    note = bytes(row.note)
    try:
        checkpoint = open_checkpoint(note, trust.log_verifier).checkpoint
    except BadNote as error:
        raise LogDamaged(f"the last checkpoint is no checkpoint of this log ({error})", checkpoint=note) from None
    if checkpoint.size > size:
        raise LogDamaged(
            f"the log has {size} entries, but its last checkpoint says {checkpoint.size}: entries are missing; "
            "restore a newer backup",
            checkpoint=note, log_size=size,
        )  # fmt: skip
    root = tree_root(checkpoint.size, tree_in(connection, checkpoint.size))
    if (checkpoint.size, checkpoint.root) != (row.size, root):
        raise LogDamaged(
            f"the log's tree of {checkpoint.size} entries is not the one that was signed; restore a backup",
            checkpoint=note, root_found=root, log_size=size,
        )  # fmt: skip


def _shown(value: Any) -> Any:
    if not isinstance(value, bytes):
        return value
    return b64url(value) if len(value) == hashlib.sha256().digest_size else value.decode("utf-8", "replace")
