"""The tiles that a log serves beside its entries: standard tools rely on them, so the entries must give the same."""

from wire.audit.report import Report
from wire.audit.tree import GrownTree
from wire.log_source import LogSource, PartMissing
from wire.tiles import WIDTH, tiles_of


class TileCheck:
    """Compares tiles while the tree grows."""

    def __init__(self, source: LogSource, tree: GrownTree, report: Report) -> None:
        self._source = source
        self._tree = tree
        self._report = report
        self._start = tree.size

    def full(self, number: int, leaves: bytes) -> None:
        """Compare a full tile of leaf hashes."""
        self._compare(0, number, WIDTH, leaves)

    def rest(self, size: int) -> None:
        """Compare the last leaf hashes, and the tiles above them."""
        for tile in tiles_of(size, self._start):
            if tile.level:
                self._compare(*tile, self._tree.full_tile(*tile))
            elif tile.width < WIDTH:
                self._compare(*tile, self._tree.open_leaves())

    def _compare(self, level: int, number: int, width: int, expected: bytes) -> None:
        self._report.done["tree"] += 1
        try:
            found = self._source.tile(level, number, width)
        except PartMissing as error:
            self._report.findings.add("tile-mismatch", str(error), f"tile {level}/{number} with {width} hashes")
            return
        if found != expected:
            self._report.findings.add(
                "tile-mismatch", f"tile {level}/{number} with other hashes", "the hashes that its entries give"
            )
