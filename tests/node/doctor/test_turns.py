"""What takes much of the bus or the disk is done one at a time."""

import pytest

from node.doctor.turns import Turns
from node.refusal import Refusal


def test_the_second_one_is_refused_while_the_first_runs_and_may_after_it() -> None:
    turns = Turns(seconds=0.01)
    with turns, pytest.raises(Refusal, match="already") as refused, turns:
        pass
    assert refused.value.reason == "busy"
    with turns:
        pass
