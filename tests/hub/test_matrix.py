"""Tests of hub/matrix.py: every state by a small case of its own, and all of them against a model in plain Python."""

from itertools import combinations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hub.matrix import Line, State, cells_of, combined

NEED = Line(1, "xa-centre", "n1", "need", "XAA", "2.10", None, None, None, "", "")
RATING = NEED._replace(record=2, role="rating")
ACTIVITY = Line(
    10, "donor-one", "a1", "activity", "XAA", "2.10", "training", "2026-01-01", "2026-12-31", "is:A1", "donor-one"
)
OTHER = ACTIVITY._replace(record=11, org="donor-two", id="a2", joined="is:A2", provider="donor-two")
OFFER = ACTIVITY._replace(record=12, id="o1", role="offer", joined="", provider="donor-one")
JOINT = Line(20, "donor-one", "l1", "joint", "", "", None, None, None, "", "donor-one\ndonor-two")
HERE = ("XAA", "2.10")


def state(*lines: Line) -> State:
    return cells_of(lines)[HERE].state


def test_a_need_that_nobody_covers_is_a_gap() -> None:
    assert state(NEED) is State.GAP


def test_a_low_rating_that_nobody_covers_is_a_gap() -> None:
    assert state(RATING) is State.GAP


@pytest.mark.parametrize("cover", [ACTIVITY, OFFER])
def test_a_need_with_an_activity_or_an_open_offer_is_covered(cover: Line) -> None:
    assert state(NEED, cover) is State.COVERED
    assert state(RATING, cover) is State.COVERED


def test_cover_that_nobody_asked_for_is_unrequested() -> None:
    assert state(ACTIVITY) is State.UNREQUESTED


def test_cover_of_another_theme_or_state_leaves_the_gap() -> None:
    assert state(NEED, ACTIVITY._replace(code="1.1")) is State.GAP
    assert state(NEED, ACTIVITY._replace(place="XBB")) is State.GAP


def test_some_needs_answered_and_others_not_is_partly() -> None:
    second = NEED._replace(record=3, id="n2")
    answering = ACTIVITY._replace(joined="is:A1 answers:need/xa-centre/n1")
    assert state(NEED, second, answering) is State.PARTLY
    both = answering._replace(joined=answering.joined + " answers:need/xa-centre/n2")
    assert state(NEED, second, both) is State.COVERED


def test_an_activity_that_answers_a_need_covers_it_without_naming_place_or_theme() -> None:
    bare = ACTIVITY._replace(place="", code="", joined="is:A1 answers:need/xa-centre/n1")
    assert state(NEED, bare) is State.COVERED
    assert cells_of([NEED, bare])[HERE].providers == {"donor-one"}


def test_a_bare_id_is_a_need_of_the_publishers_own() -> None:
    bare = ACTIVITY._replace(place="", code="", joined="is:A1 answers:n1")
    assert state(NEED, bare) is State.GAP
    assert state(NEED, bare._replace(org="xa-centre")) is State.COVERED


def test_two_providers_with_the_same_mode_at_the_same_time_may_duplicate() -> None:
    assert state(ACTIVITY, OTHER) is State.POSSIBLE_DUPLICATION
    assert state(NEED, ACTIVITY, OTHER) is State.POSSIBLE_DUPLICATION


@pytest.mark.parametrize(
    "other",
    [
        OTHER._replace(mode="equipment"),
        OTHER._replace(mode=None),
        OTHER._replace(starts="2027-01-01", ends=None),
        OTHER._replace(starts=None, ends="2025-12-31"),
        OTHER._replace(provider="donor-one"),
        OTHER._replace(joined="is:A2 with:A1"),
    ],
    ids=["another mode", "unknown mode", "later", "earlier", "same provider", "related"],
)
def test_what_differs_or_is_joined_is_no_duplication(other: Line) -> None:
    assert state(ACTIVITY, other) is State.UNREQUESTED
    assert state(NEED, other, ACTIVITY) is State.COVERED


def test_days_without_an_end_overlap_all_that_follows() -> None:
    assert state(ACTIVITY._replace(ends=None), OTHER._replace(starts="2040-01-01", ends=None)) is (
        State.POSSIBLE_DUPLICATION
    )


def test_two_activities_of_unknown_mode_are_not_the_same() -> None:
    assert state(ACTIVITY._replace(mode=None), OTHER._replace(mode=None)) is State.UNREQUESTED


def test_a_joint_programme_of_two_providers_is_no_duplication() -> None:
    assert state(ACTIVITY, OTHER, JOINT) is State.UNREQUESTED


def test_a_joint_programme_counts_only_while_it_lasts() -> None:
    assert state(ACTIVITY, OTHER, JOINT._replace(ends="2025-01-01")) is State.POSSIBLE_DUPLICATION


def test_nobody_can_declare_a_joint_programme_of_others() -> None:
    assert state(ACTIVITY, OTHER, JOINT._replace(org="a-third-one")) is State.POSSIBLE_DUPLICATION


@pytest.mark.parametrize("region", ["001", "002", "202", "014"])
def test_cover_of_a_region_is_counted_apart_and_closes_no_gap(region: str) -> None:
    kenya = NEED._replace(place="KEN")
    cell = cells_of([kenya, OFFER._replace(place=region), OTHER._replace(place=region)])["KEN", "2.10"]
    assert cell.state is State.GAP
    assert cell.regional == {"donor-one", "donor-two"}
    assert cell.providers == set()


def test_cover_of_another_region_is_not_counted() -> None:
    assert cells_of([NEED._replace(place="KEN"), OFFER._replace(place="019")])["KEN", "2.10"].regional == set()


def test_the_world_covers_states_that_are_made_up_for_an_exercise() -> None:
    assert cells_of([NEED, OFFER._replace(place="001")])[HERE].regional == {"donor-one"}


def test_a_region_without_needs_of_its_own_has_no_cell() -> None:
    assert cells_of([OFFER._replace(place="002")]) == {}


def test_a_need_of_a_whole_region_is_covered_by_what_is_for_that_region() -> None:
    lines = [NEED._replace(place="014"), OFFER._replace(place="014")]
    assert cells_of(lines)["014", "2.10"].state is State.COVERED


@pytest.mark.parametrize(
    ("states", "together"),
    [
        ([], State.NONE),
        ([State.NONE], State.NONE),
        ([State.UNREQUESTED, State.NONE], State.UNREQUESTED),
        ([State.GAP, State.GAP, State.UNREQUESTED], State.GAP),
        ([State.COVERED, State.UNREQUESTED], State.COVERED),
        ([State.GAP, State.COVERED], State.PARTLY),
        ([State.PARTLY], State.PARTLY),
        ([State.GAP, State.POSSIBLE_DUPLICATION], State.POSSIBLE_DUPLICATION),
    ],
)
def test_several_cells_taken_together_hide_no_gap(states: list[State], together: State) -> None:
    assert combined(states) is together


_lines = st.lists(
    st.builds(
        lambda number, role, org, place, mode, year, joined: Line(
            number, org, f"r{number}", role, place, "2.10", None if role in {"need", "rating"} else mode,
            f"{year}-01-01", f"{year}-12-31",
            f"is:A{number} {joined}" if role == "activity" else "", "" if role in {"need", "rating"} else org,
        ),
        st.integers(1, 6),
        st.sampled_from(["need", "rating", "activity", "offer"]),
        st.sampled_from(["org-one", "org-two", "org-three"]),
        st.sampled_from(["KEN", "UGA", "014", "001"]),
        st.sampled_from(["training", "equipment", None]),
        st.sampled_from([2025, 2026]),
        st.sampled_from(["", "with:A1", "with:A2", "answers:need/org-one/r1", "answers:r2"]),
    ),
    max_size=8,
    unique_by=lambda line: line.record,
)  # fmt: skip


_WHEN = ("2025-01-01", "2025-12-31")
_MEANS_NO_OFFER = [
    Line(1, "org-one", "r1", "need", "KEN", "2.10", None, *_WHEN, "", ""),
    Line(2, "org-one", "r2", "offer", "KEN", "2.10", "training", *_WHEN, "", "org-one"),
    Line(3, "org-two", "r3", "activity", "KEN", "2.10", "training", *_WHEN, "is:A3 with:A2", "org-two"),
]


@given(_lines)
@example(_MEANS_NO_OFFER)
def test_the_rules_agree_with_a_plain_reading_of_them(lines: list[Line]) -> None:
    found = {place: cell.state for (place, _), cell in cells_of(lines).items()}
    for place in ("KEN", "UGA"):
        assert found.get(place, State.NONE) == _plainly(lines, place), lines


def _plainly(lines: list[Line], place: str) -> State:
    needs = {f"need/{line.org}/{line.id}" for line in lines if line.role == "need" and line.place == place}
    low = any(line.role == "rating" and line.place == place for line in lines)
    helping = [line for line in lines if line.role in {"activity", "offer"}]
    answers = {line.record: _answers(line) & needs for line in helping}
    covers = [line for line in helping if line.place == place or answers[line.record]]
    if not covers:
        return State.GAP if needs or low else State.NONE
    for a, b in combinations(covers, 2):
        apart = a.org != b.org and not _goes_with(a, b) and not _goes_with(b, a)
        if apart and a.mode is not None and a.mode == b.mode and a.starts == b.starts:
            return State.POSSIBLE_DUPLICATION
    answered: set[str] = set().union(*answers.values())
    if not needs and not low:
        return State.UNREQUESTED
    return State.PARTLY if answered and answered != needs else State.COVERED


def _goes_with(line: Line, other: Line) -> bool:
    """Whether a line says that it goes with another one; an offer has no number by which it could be meant."""
    return other.role == "activity" and f"with:A{other.record}" in line.joined


def _answers(line: Line) -> set[str]:
    found = {word.removeprefix("answers:") for word in line.joined.split() if word.startswith("answers:")}
    return {need if "/" in need else f"need/{line.org}/{need}" for need in found}
