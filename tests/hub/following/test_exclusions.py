"""What was left out is compared with what was found here, whenever the one or the other comes."""

from typing import Any

import pytest

from hub.following.exclusions import Exclusions
from hub.following.refusal import LogRefused
from wire.canonical import canonical
from wire.examine import Exclusion
from wire.log_source import PartMissing
from wire.reasons import Reason

INVALID = Exclusion(Reason.SCHEMA_INVALID, ())
PROBLEM = {"pointer": "/a", "message": "", "found": "", "allowed": "be a text"}


def said(index: Any, reason: str = "schema-invalid", problems: Any = ()) -> bytes:
    return canonical({"index": index, "nonce": "n", "problems": list(problems), "reason": reason})


def exclusions(*, holds: bool = True) -> Exclusions:
    return Exclusions(5, lambda _: holds)


def test_found_here_and_stated_afterwards() -> None:
    found = exclusions()
    assert found.of(7, INVALID, has_body=True) is INVALID
    stated = found.stated(8, said(7, problems=[PROBLEM]), [])
    assert (stated.index, stated.exclusion.reason, stated.exclusion.problems[0].pointer) == (7, "schema-invalid", "/a")
    found.end()
    assert found.late == []


def test_found_here_and_never_stated() -> None:
    found = exclusions()
    found.of(7, INVALID, has_body=True)
    with pytest.raises(LogRefused, match="shown-invalid"):
        found.end()


def test_a_body_that_is_absent_of_what_is_about_no_record_is_waited_for() -> None:
    found = exclusions()
    found.of(7, Exclusion(Reason.BODY_MISSING, ()), has_body=False)
    with pytest.raises(PartMissing, match="entry 7"):
        found.end()


def test_stated_of_a_body_that_is_not_here_it_is_taken_and_the_record_folded_again() -> None:
    found = exclusions(holds=False)
    assert found.of(7, None, has_body=False) is None
    found.stated(8, said(7), [])
    assert found.late == [7]


@pytest.mark.parametrize("reason", ["body-missing", "body-mismatch"])
def test_how_a_body_came_is_not_judged_by_who_was_not_there(reason: str) -> None:
    found = exclusions()
    found.of(7, None, has_body=True)
    found.stated(8, said(7, reason), [])
    found.end()


@pytest.mark.parametrize(
    "body",
    [
        None, b"{", b"[]", said(8), said(-1), said(True), said("7"), said(7, "suspended"), said(7, "unheard-of"),
        said(7, problems=[{"pointer": "/a"}]), said(7, problems=[{**PROBLEM, "found": 7}]), said(7, problems=["x"]),
    ],
)  # fmt: skip
def test_another_form_is_refused(body: bytes | None) -> None:
    with pytest.raises(LogRefused, match="exclusion-malformed"):
        exclusions().stated(8, body, [])
