"""How fresh a record is: the day it is due for review, and whether that day is near or past."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final, Literal

Freshness = Literal["confirmed", "due", "overdue"]

# Contacts change slowly; what somebody needs or offers changes within half a year.
REVIEW_AFTER: Final[Mapping[str, timedelta]] = {
    "contact": timedelta(days=365),
    "need": timedelta(days=182),
    "offer": timedelta(days=182),
}
NOTICE: Final = timedelta(days=30)


def review_due(kind: str, record: Mapping[str, Any], changed_on: date) -> date | None:
    """The day of the next review: the author's, or counted from `confirmed_at`, or from the last change.

    None for kinds that need none. `changed_on` is the day of the record's last event, a `confirmed` one included.
    """
    given = record.get("review_due")
    if given is not None:
        return date.fromisoformat(given)
    span = REVIEW_AFTER.get(kind)
    if span is None:
        return None
    confirmed = record.get("confirmed_at")
    begin = date.fromisoformat(confirmed) if confirmed else changed_on
    return begin + min(span, date.max - begin)  # the calendar ends; what says so is refused by nobody


def freshness(due: date | None, today: date) -> Freshness:
    """`overdue` after the day of review, `due` in the 30 days before it, otherwise `confirmed`."""
    if due is None or due - today > NOTICE:  # what says so may be the calendar's first day
        return "confirmed"
    return "due" if today <= due else "overdue"
