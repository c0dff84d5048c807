"""Which rows of the view the words of the filter `status` choose, wherever they are found."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, or_

from hub import tables
from hub.filters import RECORD_STATUSES
from hub.finding.tables import ended

_R = tables.records.c


def of_status(words: Sequence[str]) -> ColumnElement[bool]:
    """Words about the record itself choose which rows; words about its matter, such as `met`, are of current ones."""
    if not words:
        return _current()
    wanted: list[ColumnElement[bool]] = []
    own = [word for word in words if word not in RECORD_STATUSES]
    if "current" in words:
        wanted.append(_current())
    if "withdrawn" in words:
        wanted.append(and_(_R.withdrawn.is_(True), _R.disputed.is_(False), _R.erased.is_(False), _R.held.is_(True)))
    if "disputed" in words:
        wanted.append(and_(_R.disputed.is_(True), _R.erased.is_(False), _R.held.is_(True)))
    if "elsewhere" in words:
        wanted.append(and_(_R.held.is_(False), _R.erased.is_(False)))
    if "erased" in words:
        wanted.append(_R.erased.is_(True))
    if own:
        wanted.append(and_(_current(), _R.state.in_(own)))
    found = or_(*wanted) if wanted else _R.record < 0
    # There are few of these, and an index has them alone.
    return and_(ended(), found) if {"disputed", "erased"}.issuperset(words) else found


def _current() -> ColumnElement[bool]:
    return and_(*tables.shown())
