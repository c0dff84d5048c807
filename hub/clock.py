"""The hub's clock: it is shown, and decides nothing."""

from datetime import UTC, datetime


def utc_now() -> datetime:
    """Give this moment."""
    return datetime.now(UTC)
