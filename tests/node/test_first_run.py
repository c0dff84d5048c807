"""Tests of first_run: what has arrived is done, and what is lost is said in a sentence."""

from pathlib import Path

import pytest

from node.first_run import FirstRun, enrolment, first_run
from node.refusal import Refusal
from tests.node.nodes import make_node
from wire.key_sets import ENROLMENT_FILE


def run(*, tested: bool, progress: str) -> FirstRun:
    return FirstRun(
        administrator=True, organization=True, joined=True, contact=True, tested=tested, trail={}, place=None,
        progress=progress,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("tested", "progress", "under_way", "following"),
    [(False, "delivered", False, 5), (True, "logged", True, 5), (True, "delivered", False, 6)],
)
def test_the_last_step_is_done_when_the_test_event_has_come_back(
    tested: bool, progress: str, under_way: bool, following: int
) -> None:
    found = run(tested=tested, progress=progress)
    assert (found.under_way, found.next) == (under_way, following)


def test_a_new_node_has_everything_before_it(tmp_path: Path) -> None:
    node = make_node(tmp_path / "node")
    assert first_run(node).done == (False,) * 5
    (node.settings.directory / ENROLMENT_FILE).unlink()
    with pytest.raises(Refusal, match=r"enrolment\.json is not"):
        enrolment(node)
