"""Cells of the matrix that are one in a table: joined bit by bit, as a region has thousands and each has many."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from hub.finding.cells import Judged
from hub.matrix import State, combined

_STATES: Final = {state: 1 << place for place, state in enumerate(State)}


class Bits(dict[str, int]):
    """A bit for each name, so that many sets of them are joined quickly."""

    def __missing__(self, name: str) -> int:
        self[name] = 1 << len(self)
        return self[name]

    def of(self, names: Iterable[str]) -> int:
        """Give the bits of these."""
        found = 0
        for name in names:
            found |= self[name]
        return found


class Groups:
    """Cells by row and column of the table: a need is in one cell alone, all else may be in several of a group."""

    def __init__(self) -> None:
        self._organizations, self._offers = Bits(), Bits()
        # needs, ratings below, and as bits: providers, offers, who covers the regions around, states
        self._groups: dict[tuple[str, str], list[int]] = {}

    def bits(self, organizations: Iterable[str]) -> int:
        """Give the bits of organizations, for `add`."""
        return self._organizations.of(organizations)

    def add(self, rows: Sequence[str], columns: Sequence[str], cell: Judged, around: int) -> None:
        """Take a cell into the groups of these rows and columns, with the bits of who covers the regions around it."""
        groups, needs, ratings = self._groups, cell.needs, cell.ratings_below
        providers, offers = self._organizations.of(cell.providers), self._offers.of(cell.offers)
        state = _STATES[cell.state]
        for row in rows:
            for column in columns:
                group = groups.get((row, column))
                if group is None:
                    groups[row, column] = [needs, ratings, providers, offers, around, state]
                    continue
                group[0] += needs
                group[1] += ratings
                group[2] |= providers
                group[3] |= offers
                group[4] |= around
                group[5] |= state

    def shown(self) -> Iterator[dict[str, Any]]:
        """Give them as the API shows cells."""
        for (row, column), (needs, ratings, providers, offers, around, states) in self._groups.items():
            yield {
                "row": row,
                "column": column,
                "needs": needs,
                "ratings_below": ratings,
                "providers": providers.bit_count(),
                "offers": offers.bit_count(),
                "regional": around.bit_count(),
                "state": combined(state for state, bit in _STATES.items() if states & bit),
            }
