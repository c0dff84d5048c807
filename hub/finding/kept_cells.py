"""The judged cells in memory, for each audience and scheme: of what has changed since only that is read again."""

import threading
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from hub.finding.cells import Cells, emptied, read_cells, version

Row = dict[str, Any]


@dataclass
class Whole:
    """All cells of one scheme as an audience sees them, by code. What has not changed is the same object as before."""

    version: int = -1
    by_code: Mapping[str, Cells] = field(default_factory=dict)
    rolled: dict[tuple[str, str], tuple[Cells, list[Row]]] = field(default_factory=dict)

    def rows(self, axis: str, code: str, roll_up: Callable[[Cells], list[Row]]) -> list[Row]:
        """Give the cells of one code rolled up along an axis, from before if none of them has changed."""
        cells = self.by_code[code]
        known = self.rolled.get((axis, code))
        if known is None or known[0] is not cells:
            known = self.rolled[axis, code] = (cells, roll_up(cells))
        return known[1]


class KeptCells:
    """Shared by all who ask one database."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._whole: dict[tuple[str, int], Whole] = {}

    def whole(self, connection: Connection, scheme: str, markings: Sequence[str]) -> Whole:
        """Give the cells as this connection's snapshot has them, or newer ones."""
        now = version(connection)
        with self._lock:
            known = self._whole.get((scheme, len(markings)), Whole())
            if known.version >= now:
                return known
            if known.version < emptied(connection):
                known = Whole()
            changed = read_cells(connection, scheme, markings, after=known.version)
            found = self._whole[scheme, len(markings)] = Whole(now, _merged(known.by_code, changed), known.rolled)
            return found


def _merged(known: Mapping[str, Cells], changed: Cells) -> dict[str, Cells]:
    parts: dict[str, Cells] = defaultdict(lambda: Cells({}, {}))
    for (place, code), cell in changed.cells.items():
        parts[code].cells[place, code] = cell
    for (place, code), region in changed.regional.items():
        parts[code].regional[place, code] = region
    found = dict(known)
    for code, part in parts.items():
        old = known.get(code, Cells({}, {}))
        cells = {key: cell for key, cell in {**old.cells, **part.cells}.items() if not cell.is_empty}
        regional = {key: region for key, region in {**old.regional, **part.regional}.items() if region}
        found[code] = Cells(cells, regional)
    return found
