"""A need moves only along the allowed steps, and every walk along them is a valid history."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from schemas.codelists import codes
from schemas.need_life import CLOSED, FIRST, OPEN, STATUSES, TRANSITIONS, may_move, walk_fault


def test_the_statuses_are_those_of_the_code_list() -> None:
    assert set(STATUSES) == codes("need_status") == OPEN | CLOSED | {"draft"}


def test_every_status_can_be_reached_from_a_draft() -> None:
    reached, waiting = set(), ["draft"]
    while waiting:
        status = waiting.pop()
        if status not in reached:
            reached.add(status)
            waiting += TRANSITIONS[status]
    assert reached == set(STATUSES)


def test_nothing_follows_an_end() -> None:
    assert not any(may_move(end, status) for end in ("met", "withdrawn") for status in STATUSES)


def test_an_unknown_status_leads_nowhere() -> None:
    assert not may_move("lost", "met")


class NeedLife(RuleBasedStateMachine):
    """A need walks at random; its history is valid at every moment and for no other status."""

    def __init__(self) -> None:
        super().__init__()
        self.history: list[str] = []

    @precondition(lambda self: not self.history)
    @rule(first=st.sampled_from(FIRST))
    def begins(self, first: str) -> None:
        self.history.append(first)

    @precondition(lambda self: bool(self.history and TRANSITIONS[self.history[-1]]))
    @rule(data=st.data())
    def moves(self, data: st.DataObject) -> None:
        self.history.append(data.draw(st.sampled_from(TRANSITIONS[self.history[-1]])))

    @precondition(lambda self: bool(self.history and not TRANSITIONS[self.history[-1]]))
    @rule()
    def rests(self) -> None:
        """An end: nothing more happens."""

    @invariant()
    def the_history_is_valid(self) -> None:
        if self.history:
            assert walk_fault(self.history, self.history[-1]) is None

    @invariant()
    def no_forbidden_step_is_valid(self) -> None:
        for status in STATUSES if self.history else ():
            allowed = may_move(self.history[-1], status)
            fault = walk_fault([*self.history, status], status)
            assert (fault is None) == allowed
            assert fault is None or fault[0] == len(self.history)


TestNeedLife = NeedLife.TestCase


@given(st.lists(st.sampled_from(STATUSES), min_size=1, max_size=6), st.sampled_from(STATUSES))
def test_a_history_ends_at_the_present_status(history: list[str], now: str) -> None:
    if walk_fault(history, now) is None:
        assert history[-1] == now
        assert history[0] in FIRST
        assert all(may_move(a, b) for a, b in pairwise(history))
