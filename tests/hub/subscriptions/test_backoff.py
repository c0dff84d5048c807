"""Longer and longer pauses, within bounds; and the hours at which digests are due."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.subscriptions.backoff import JITTER, MAX_RETRY_AFTER, STEPS, Rhythm, delay, next_digest, read_retry_after

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
    ("said", "seconds"),
    [
        (b"120", 120.0), (b" 0 ", 0.0), (b"9999999", 9999999.0), (b"9" * 90, float("9" * 90)),
        (b"Mon, 23 Nov 2026 12:32:00 GMT", 120.0), (b"Monday, 23-Nov-26 12:32:00 GMT", 120.0),
        (b"Mon Nov 23 12:32:00 2026", 120.0), (b"Mon, 23 Nov 2020 12:32:00 GMT", 0.0),
        (b"", None), (None, None), (b"soon", None), (b"-5", None), (b"1.5", None), ("٣".encode(), None),
        (b"Mon, 99 Nov 2026 12:32:00 GMT", None), (b"Mon, 23 Nov 99999999999 12:32:00 GMT", None),
    ],
)  # fmt: skip
def test_a_receiver_says_in_seconds_or_by_a_date_how_long_to_wait(said: bytes | None, seconds: float | None) -> None:
    assert read_retry_after(said, MONDAY) == seconds


@given(st.binary(max_size=60) | st.text("MonNv ,:-+0123456789GT", max_size=40).map(str.encode))
def test_whatever_a_receiver_says_is_no_error(said: bytes) -> None:
    asked = read_retry_after(said, MONDAY)
    assert timedelta(0) <= delay(1, asked) <= timedelta(seconds=MAX_RETRY_AFTER)


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
