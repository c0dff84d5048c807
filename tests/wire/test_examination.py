"""What checks say: as data, on a terminal, in their order, and which is the gravest."""

from wire.examination import Checks, Result, forms, worst

CHECKS = Checks({"first": "The first thing", "second": "The second thing"})


def test_the_gravest_result_counts_and_what_was_not_checked_does_not() -> None:
    well, warned = CHECKS.passed("first", "Well."), CHECKS.warned("first", "Soon.", "Do it.")
    failed, skipped = CHECKS.failed("second", "Gone.", "Restore it."), CHECKS.skipped(["second"], "Nobody knows.")
    assert worst([well, *skipped]) is Result.PASS
    assert worst([well, warned, *skipped]) is Result.WARNING
    assert worst([warned, failed, well]) is Result.FAIL


def test_they_stand_in_the_order_of_their_titles() -> None:
    found = CHECKS.in_order([CHECKS.passed("second", "B."), CHECKS.passed("first", "A.")])
    assert [each.name for each in found] == ["first", "second"]


def test_a_check_is_told_with_title_cause_what_to_do_and_detail() -> None:
    check = CHECKS.failed("second", "Gone.", "Restore it.", "line 1\nline 2")
    assert forms([check]) == [
        {
            "name": "second", "title": "The second thing", "result": "fail", "cause": "Gone.",
            "what_to_do": "Restore it.", "detail": "line 1\nline 2",
        }
    ]  # fmt: skip
    first, *others = check.lines()
    assert first.split() == ["FAILED", "The", "second", "thing:", "Gone."]
    assert [line.strip() for line in others] == ["what to do: Restore it.", "line 1", "line 2"]


def test_what_others_answered_never_commands_the_terminal() -> None:
    check = CHECKS.failed("second", "It said \x1b[2J.", "See \x9bm.", "\x1b[H\nline 2")
    assert not {"\x1b", "\x9b"} & set("".join(check.lines()))
