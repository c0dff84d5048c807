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
_OTHERS_AFTER: Final = timedelta(days=365)  # where an author set a day that has come, and confirmed the record
NOTICE: Final = timedelta(days=30)


def review_due(kind: str, record: Mapping[str, Any], changed_on: date, *, confirmed: bool = False) -> date | None:
    """The day of the next review: the author's, or counted from `confirmed_at`, or from the last change.

    None for kinds that need none. `changed_on` is the day of the record's last event; where that one has `confirmed`
    the record, its day counts as `confirmed_at`, and the author's own day is done if it had come, or was near.
    """
    span, said = REVIEW_AFTER.get(kind), record.get("confirmed_at")
    begin = changed_on if said is None else date.fromisoformat(said)
    if confirmed:
        begin = max(begin, changed_on)
    if (given := record.get("review_due")) is not None:
        day = date.fromisoformat(given)
        if not confirmed or freshness(day, begin) == "confirmed":
            return day
        span = span or _OTHERS_AFTER
    return None if span is None else begin + min(span, date.max - begin)  # the calendar ends; nobody refuses its end


def freshness(due: date | None, today: date) -> Freshness:
    """`overdue` after the day of review, `due` in the 30 days before it, otherwise `confirmed`."""
    if due is None or due - today > NOTICE:  # what says so may be the calendar's first day
        return "confirmed"
    return "due" if today <= due else "overdue"
