"""The rules of the matrix, without a database: gap, partly, covered, unrequested, possible duplication.

A cell is a State and a theme.
1 An open need, or a rating at or below its threshold, asks for help.
2 A running activity or an open offer for that very State and theme covers it, and so does a running activity that
  answers one of its needs. An entry for a region or the world is regional cover, counted apart.
3 Asked for, and nobody covers: `gap`.
4 Two providers cover with the same mode at the same time, and nothing joins them: `possible_duplication`.
5 Some of the open needs are answered and others are not: `partly`.
6 Asked for and covered: `covered`; covered only: `unrequested`; neither: `none`.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import combinations
from typing import NamedTuple

from hub.coverage import ACTIVITY, ANSWERS, ITSELF, JOINT, NEED, OFFER, RATING, WITH, WORLD
from schemas.codelists import is_country, regions_of

CellKey = tuple[str, str]  # place, code


class State(StrEnum):
    """How need and help meet in a cell."""

    GAP = "gap"
    PARTLY = "partly"
    COVERED = "covered"
    UNREQUESTED = "unrequested"
    POSSIBLE_DUPLICATION = "possible_duplication"
    NONE = "none"


class Line(NamedTuple):
    """One line of coverage as the view holds it; `record` is its number, `org` who published it."""

    record: int
    org: str
    id: str
    role: str
    place: str
    code: str
    mode: str | None
    starts: str | None
    ends: str | None
    joined: str
    provider: str

    @property
    def providers(self) -> frozenset[str]:
        """Who helps; where nobody is named, who published it."""
        return frozenset(self.provider.split("\n")) if self.provider else frozenset({self.org})

    def words(self, prefix: str) -> set[str]:
        """Give the joining words of one sort."""
        return {word.removeprefix(prefix) for word in self.joined.split(" ") if word.startswith(prefix)}

    @property
    def answered(self) -> set[str]:
        """Addresses of the needs that it answers; a bare id is one of the publisher's own."""
        return {need if "/" in need else f"need/{self.org}/{need}" for need in self.words(ANSWERS)}


@dataclass(slots=True)
class Cell:
    """What meets in one cell. `open_needs` are addresses, `answered` those of them that a running activity answers."""

    open_needs: set[str] = field(default_factory=set)
    ratings_below: int = 0
    covers: list[Line] = field(default_factory=list)
    answered: set[str] = field(default_factory=set)
    regional: set[str] = field(default_factory=set)
    state: State = State.NONE

    @property
    def providers(self) -> set[str]:
        """Everybody who covers the cell."""
        return {provider for line in self.covers for provider in line.providers}

    @property
    def offers(self) -> set[int]:
        """The open offers in it, by record."""
        return {line.record for line in self.covers if line.role == OFFER}


def cells_of(lines: Iterable[Line]) -> dict[CellKey, Cell]:
    """Sort the lines of one code list into cells and judge each cell."""
    lines = list(lines)
    cells: dict[CellKey, Cell] = defaultdict(Cell)
    of_need: dict[str, set[CellKey]] = defaultdict(set)
    for line in lines:
        key = (line.place, line.code)
        if line.role == NEED:
            address = f"need/{line.org}/{line.id}"
            cells[key].open_needs.add(address)
            of_need[address].add(key)
        elif line.role == RATING:
            cells[key].ratings_below += 1
    _answer(cells, of_need, lines)
    regional = _cover(cells, lines)
    joints = [line for line in lines if line.role == JOINT and line.org in line.providers]
    for (place, code), cell in cells.items():
        for around in _around(place):
            cell.regional |= regional.get((around, code), set())
        cell.state = judge(cell, joints)
    return dict(cells)


def _answer(cells: dict[CellKey, Cell], of_need: dict[str, set[CellKey]], lines: Sequence[Line]) -> None:
    done: set[int] = set()
    for line in lines:
        if line.role != ACTIVITY or not line.joined or line.record in done:
            continue
        done.add(line.record)
        for need in line.answered & of_need.keys():
            for key in of_need[need]:
                cells[key].answered.add(need)
                _add(cells[key], line)


def _cover(cells: dict[CellKey, Cell], lines: Sequence[Line]) -> dict[CellKey, set[str]]:
    """Put cover where it belongs; gives the regional cover by region and code."""
    regional: dict[CellKey, set[str]] = defaultdict(set)
    for line in lines:
        if line.role not in {ACTIVITY, OFFER} or not line.code:
            continue
        key = (line.place, line.code)
        if is_country(line.place):
            _add(cells[key], line)
            continue
        regional[key] |= line.providers
        if key in cells:  # a need of that whole region
            _add(cells[key], line)
    return regional


def _add(cell: Cell, line: Line) -> None:
    if all((line.record, line.mode) != (other.record, other.mode) for other in cell.covers):
        cell.covers.append(line)


def _around(place: str) -> tuple[str, ...]:
    """Give the regions in which a State lies; one that is made up for an exercise lies in the world."""
    return (regions_of(place) or (WORLD,)) if is_country(place) else ()


def judge(cell: Cell, joints: Sequence[Line] = ()) -> State:
    """Give a cell's state: steps 3 to 6 of the rules above."""
    asked = bool(cell.open_needs) or cell.ratings_below > 0
    if not cell.covers:
        return State.GAP if asked else State.NONE
    if has_duplication(cell.covers, joints):
        return State.POSSIBLE_DUPLICATION
    if not asked:
        return State.UNREQUESTED
    return State.PARTLY if cell.answered and cell.answered < cell.open_needs else State.COVERED


def has_duplication(covers: Sequence[Line], joints: Sequence[Line] = ()) -> bool:
    """Whether two providers do the same at the same time and nothing joins them. An unknown mode is never the same."""
    if len(covers) < 2:
        return False
    by_mode: dict[str, list[Line]] = defaultdict(list)
    for line in covers:
        if line.mode is not None:
            by_mode[line.mode].append(line)
    return any(
        not a.providers & b.providers and _overlap(a, b) and not _joined(a, b, joints)
        for lines in by_mode.values()
        if len({line.providers for line in lines}) > 1
        for a, b in combinations(lines, 2)
    )


def _overlap(*lines: Line) -> bool:
    """Whether there is a day in all of them; a line without a start or an end is open on that side."""
    start = max((line.starts for line in lines if line.starts), default="")
    end = min((line.ends for line in lines if line.ends), default="9999-12-31")
    return start <= end


def _joined(a: Line, b: Line, joints: Sequence[Line]) -> bool:
    if a.words(WITH) & b.words(ITSELF) or b.words(WITH) & a.words(ITSELF):
        return True
    return any(
        joint.providers & a.providers and joint.providers & b.providers and _overlap(a, b, joint) for joint in joints
    )


def combined(states: Iterable[State]) -> State:
    """Give the state of several cells taken together: `partly` where help reaches some of those who ask."""
    found = set(states) - {State.NONE}
    if State.POSSIBLE_DUPLICATION in found:
        return State.POSSIBLE_DUPLICATION
    asking = found - {State.UNREQUESTED}
    if asking:
        return asking.pop() if len(asking) == 1 else State.PARTLY
    return State.UNREQUESTED if found else State.NONE
