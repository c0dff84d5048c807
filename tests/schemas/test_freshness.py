"""Contacts, needs and offers come up for review in time; the author's own day goes before."""

from datetime import date, timedelta

import pytest

from schemas.freshness import freshness, review_due

CHANGED = date(2026, 3, 1)
DUE = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("kind", "record", "due"),
    [
        ("contact", {"confirmed_at": "2026-01-01"}, date(2027, 1, 1)),
        ("need", {}, CHANGED + timedelta(days=182)),
        ("need", {"confirmed_at": "2026-05-01"}, date(2026, 10, 30)),
        ("offer", {}, CHANGED + timedelta(days=182)),
        ("offer", {"review_due": "2030-01-01", "confirmed_at": "2026-05-01"}, date(2030, 1, 1)),
        ("plan", {"review_due": "2030-01-01"}, date(2030, 1, 1)),
        ("plan", {"confirmed_at": "2026-01-01"}, None),
    ],
)
def test_the_day_of_review(kind: str, record: dict[str, str], due: date | None) -> None:
    assert review_due(kind, record, CHANGED) == due


@pytest.mark.parametrize(
    ("days", "word"), [(-400, "confirmed"), (-31, "confirmed"), (-30, "due"), (0, "due"), (1, "overdue")]
)
def test_a_record_is_due_in_the_thirty_days_before_its_review(days: int, word: str) -> None:
    assert freshness(DUE, DUE + timedelta(days=days)) == word


def test_what_needs_no_review_stays_confirmed() -> None:
    assert freshness(None, DUE) == "confirmed"


@pytest.mark.parametrize(
    ("due", "today", "word"),
    [
        (date.min, DUE, "overdue"),
        (date.min, date.min, "due"),
        (date.max, DUE, "confirmed"),
        (date.max, date.max, "due"),
    ],
)  # fmt: skip
def test_the_calendar_s_first_and_last_day_are_days_like_others(due: date, today: date, word: str) -> None:
    assert freshness(due, today) == word


@pytest.mark.parametrize(
    ("kind", "record", "due"),
    [
        ("contact", {"confirmed_at": "2024-01-01"}, date(2027, 3, 1)),
        ("contact", {"confirmed_at": "2026-05-01"}, date(2027, 5, 1)),
        ("need", {}, CHANGED + timedelta(days=182)),
        ("plan", {}, None),
        # The author's own day is done where it has come, or is near.
        ("contact", {"confirmed_at": "2024-01-01", "review_due": "2025-01-01"}, date(2027, 3, 1)),
        ("offer", {"review_due": "2026-03-31"}, CHANGED + timedelta(days=182)),
        ("plan", {"review_due": "2026-02-01"}, date(2027, 3, 1)),
        ("offer", {"review_due": "2026-04-01"}, date(2026, 4, 1)),
        ("plan", {"review_due": "2030-01-01"}, date(2030, 1, 1)),
    ],
)
def test_to_confirm_a_record_renews_it(kind: str, record: dict[str, str], due: date | None) -> None:
    assert review_due(kind, record, CHANGED, confirmed=True) == due
