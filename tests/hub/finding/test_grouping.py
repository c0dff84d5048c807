"""Tests of hub/finding/grouping.py: cells joined bit by bit are the sets joined one by one."""

from hypothesis import given
from hypothesis import strategies as st

from hub.finding.cells import Judged
from hub.finding.grouping import Groups
from hub.matrix import State, combined

NAMES = st.frozensets(st.sampled_from([f"donor-{number}" for number in range(9)]))
OFFERS = st.frozensets(st.text("12", max_size=2))
CELLS = st.builds(Judged, st.integers(0, 3), st.integers(0, 3), st.sampled_from(list(State)), NAMES, OFFERS)


@given(st.lists(st.tuples(CELLS, NAMES), min_size=1, max_size=6))
def test_cells_are_joined_as_their_sets_are(members: list[tuple[Judged, frozenset[str]]]) -> None:
    groups = Groups()
    for cell, around in members:
        groups.add(("KEN", "UGA"), ("2.10",), cell, groups.bits(around))
    groups.add(("KEN",), ("1.1",), members[0][0], 0)
    cells = [cell for cell, _ in members]
    none = frozenset[str]()
    first, second, other = groups.shown()
    assert (other["row"], other["column"], other["needs"]) == ("KEN", "1.1", cells[0].needs)
    assert first == {**second, "row": "KEN"}
    assert second == {
        "row": "UGA",
        "column": "2.10",
        "needs": sum(cell.needs for cell in cells),
        "ratings_below": sum(cell.ratings_below for cell in cells),
        "providers": len(none.union(*(cell.providers for cell in cells))),
        "offers": len(none.union(*(cell.offers for cell in cells))),
        "regional": len(none.union(*(around for _, around in members))),
        "state": combined(cell.state for cell in cells),
    }
