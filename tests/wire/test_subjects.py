"""Subjects of the bus are those of the contract."""

import pytest

from wire import subjects


def test_subjects_are_those_of_the_contract() -> None:
    assert subjects.events("ke-nctc", "need") == "events.ke-nctc.need"
    assert subjects.heads("ke-nctc") == "heads.ke-nctc"
    assert subjects.ask("ke-nctc", "head") == "ask.ke-nctc.head"
    assert subjects.receipts("ke-nctc") == "receipts.ke-nctc"


@pytest.mark.parametrize(
    ("marking", "word"),
    [("TLP:CLEAR", "clear"), ("TLP:GREEN", "green"), ("TLP:AMBER", "amber"), ("TLP:AMBER+STRICT", "amber-strict")],
)
def test_each_marking_has_its_own_branch_of_the_log(marking: str, word: str) -> None:
    assert subjects.log(marking, "need", "ke-nctc") == f"log.{word}.need.ke-nctc"


def test_what_is_marked_red_by_mistake_never_goes_to_a_wider_branch() -> None:
    assert subjects.log("TLP:RED", "need", "ke-nctc") == "log.amber-strict.need.ke-nctc"
