"""Tests of differences: which fields changed from one readable version to the next."""

from typing import Any

from schemas.differences import changed, steps
from tests.signed_network import need


def version(action: str, **members: Any) -> dict[str, Any]:
    return {"type": f"liaison.need.{action}", **members}


def test_only_what_differs_is_a_change() -> None:
    found = changed("need", "xa-centre", need("First", priority="high"), need("Second", needed_by="2027-06-01"))
    assert [each.name for each in found] == ["title", "needed_by", "priority"]
    assert [(each.before is None, each.after is None) for each in found] == [
        (False, False), (True, False), (False, True),
    ]  # fmt: skip


def test_a_version_that_cannot_be_read_is_a_step_without_changes_and_the_next_is_compared_with_the_one_before() -> None:
    found = steps(
        "need", "xa-centre",
        [version("published", record=need("First")), version("revised"), version("revised", record=need("Third"))],
    )  # fmt: skip
    assert [(step.action, step.first, len(step.changes)) for step in found] == [
        ("published", True, 0), ("revised", False, 0), ("revised", False, 1),
    ]  # fmt: skip
