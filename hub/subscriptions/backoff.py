"""When a failed delivery is tried again, and when the next digest is due: pure functions of time."""

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final, Literal

Rhythm = Literal["at-once", "daily", "weekly"]

STEPS: Final = (5, 30, 120, 600, 1800, 3600, 7200, 14400, 28800)  # seconds after the first, second, … failure
JITTER: Final = 0.2
MAX_RETRY_AFTER: Final = 21600.0  # docs/subscriptions.md says so too
GIVEN_UP: Final = timedelta(days=5)
MAIL_GAP: Final = timedelta(minutes=5)  # between two mails of one subscription that is sent at once


def delay(failures: int, retry_after: float | None = None, chance: Callable[[], float] = random.random) -> timedelta:
    """Give the time to wait after so many failures in a row; at least what the receiver asked for, within bounds."""
    step = STEPS[min(max(failures, 1), len(STEPS)) - 1]
    spread = step * (1 + JITTER * (2 * chance() - 1))
    return timedelta(seconds=max(spread, min(retry_after or 0.0, MAX_RETRY_AFTER)))


def read_retry_after(value: bytes | None, now: datetime) -> float | None:
    """Give how many seconds a receiver asks to wait: Retry-After is a number of them, or a date (RFC 9110, 10.2.3)."""
    text = (value or b"")[:100].decode("latin-1").strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())


def next_digest(rhythm: Rhythm, hour: int, now: datetime) -> datetime:
    """Give when the next digest is due: at this hour (UTC) of the next day, or of the next Monday."""
    if rhythm == "at-once":
        return now + MAIL_GAP
    due = now.replace(hour=hour, minute=0, second=0, microsecond=0)
    while due <= now or (rhythm == "weekly" and due.weekday() != 0):
        due += timedelta(days=1)
    return due
