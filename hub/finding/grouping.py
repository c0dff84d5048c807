"""Cells of the matrix that are one in a table: joined bit by bit, as a region has thousands and each has many."""

from collections.abc import Iterable
from typing import Any

from hub.finding.cells import Judged
from hub.matrix import State, combined


class Bits(dict[str, int]):
    """A bit for each organization, so that many sets of them are joined quickly."""

    def __missing__(self, name: str) -> int:
        self[name] = 1 << len(self)
        return self[name]

    def of(self, names: Iterable[str]) -> int:
        """Give the bits of these."""
        found = 0
        for name in names:
            found |= self[name]
        return found


class Group:
    """Cells that are one in the table: a need is in one of them alone, all else may be in several."""

    __slots__ = ("around", "needs", "offers", "providers", "ratings_below", "states")

    def __init__(self) -> None:
        self.needs = self.ratings_below = self.providers = self.around = 0
        self.offers: set[str] = set()
        self.states: set[State] = set()

    def add(self, cell: Judged, providers: int, around: int) -> None:
        """Take one more cell in, with the bits of its providers and of who covers the regions around it."""
        self.needs += cell.needs
        self.ratings_below += cell.ratings_below
        self.providers |= providers
        self.around |= around
        self.offers |= cell.offers
        self.states.add(cell.state)

    def shown(self, row: str, column: str) -> dict[str, Any]:
        """Give it as the API shows a cell."""
        return {
            "row": row,
            "column": column,
            "needs": self.needs,
            "ratings_below": self.ratings_below,
            "providers": self.providers.bit_count(),
            "offers": len(self.offers),
            "regional": self.around.bit_count(),
            "state": combined(self.states),
        }
