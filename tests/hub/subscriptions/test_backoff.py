"""Longer and longer pauses, within bounds; and the hours at which digests are due."""

from datetime import UTC, datetime, timedelta

import pytest

from hub.subscriptions.backoff import JITTER, MAX_RETRY_AFTER, STEPS, Rhythm, delay, next_digest

MONDAY = datetime(2026, 11, 23, 12, 30, tzinfo=UTC)


def test_each_failure_waits_longer_than_the_one_before_whatever_the_jitter() -> None:
    for number in range(1, len(STEPS)):
        assert delay(number, chance=lambda: 1.0) < delay(number + 1, chance=lambda: 0.0)
    assert delay(100, chance=lambda: 0.5) == timedelta(seconds=STEPS[-1])
    spread = {delay(1, chance=lambda: 0.0).total_seconds(), delay(1, chance=lambda: 1.0).total_seconds()}
    assert spread == {STEPS[0] * (1 - JITTER), STEPS[0] * (1 + JITTER)}


def test_what_the_receiver_asks_for_is_kept_within_bounds() -> None:
    assert delay(1, 120.0) == timedelta(seconds=120)
    assert delay(1, 10.0**6) == timedelta(seconds=MAX_RETRY_AFTER)


@pytest.mark.parametrize(
    ("rhythm", "hour", "due"),
    [
        ("daily", 12, datetime(2026, 11, 24, 12, tzinfo=UTC)),
        ("daily", 13, datetime(2026, 11, 23, 13, tzinfo=UTC)),
        ("weekly", 12, datetime(2026, 11, 30, 12, tzinfo=UTC)),
        ("weekly", 13, datetime(2026, 11, 23, 13, tzinfo=UTC)),
        ("at-once", 6, MONDAY + timedelta(minutes=5)),
    ],
)
def test_a_digest_is_due_at_its_hour(rhythm: Rhythm, hour: int, due: datetime) -> None:
    assert next_digest(rhythm, hour, MONDAY) == due
