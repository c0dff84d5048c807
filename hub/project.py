"""The fold from log entries to the view's rows: pure, so that intake and rebuild cannot come to different views."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from hub.entries import Entry
from schemas.release import FOR_NAMED
from schemas.statement import CONTROL, RECORD_ACTIONS

MAX_TITLE = 500
Address = tuple[str, int, str]  # kind, organization's number, id


class Row(NamedTuple):
    """One row of `records`, its columns in order without the tag; `number` is the index of the record's first event."""

    number: int
    kind: str
    org: int
    id: str
    current_index: int
    body_index: int
    marking: str
    withdrawn: bool
    published: str
    title: str
    state: str | None
    review_due: str | None
    excluded_index: int | None
    disputed: bool = False
    erased: bool = False
    held: bool = True


@dataclass(slots=True)
class Change:
    """What a batch does to one record. `facets_of` is the entry whose places, themes and coverage now hold, if new."""

    row: Row
    existed: bool
    facets_of: Entry | None = None
    covers: bool = True


@dataclass
class Changes:
    """What a batch does to the view, and which record each entry is about (by index)."""

    of_record: dict[Address, Change] = field(default_factory=dict)
    about: dict[int, int] = field(default_factory=dict)


def fold(entries: Iterable[Entry], rows: dict[Address, Row]) -> Changes:
    """Fold entries, in log order, over the rows that exist."""
    changes = Changes()
    for entry in entries:
        if entry.kind == CONTROL or entry.action not in RECORD_ACTIONS:
            continue
        address = (entry.kind, entry.org, entry.record_id)
        change = changes.of_record.get(address)
        if change is None:
            row = rows.get(address)
            change = None if row is None else Change(row, existed=True)
        changed = _apply(entry, change)
        if changed is not None:
            changes.of_record[address] = changed
            changes.about[entry.index] = changed.row.number
    return changes


def _apply(entry: Entry, change: Change | None) -> Change | None:
    if entry.exclusion is not None:
        if change is None:
            return None
        change.row = change.row._replace(excluded_index=entry.index)
        return change
    if entry.action == "withdrawn":
        return _withdrawn(entry, change)
    facets = entry.facets
    # Of what is encrypted, or held elsewhere, the hub knows only that it is there, of what is erased that it was.
    known = facets is not None or entry.marking in FOR_NAMED or entry.erased or not entry.held
    assert known, "an event in the view has a record"  # noqa: S101
    row = Row(
        change.row.number if change else entry.index, entry.kind, entry.org, entry.record_id, entry.index, entry.index,
        entry.marking, False, entry.time, facets.title[:MAX_TITLE] if facets else "", facets.status if facets else None,
        entry.review_due, None, False, entry.erased, entry.held,
    )  # fmt: skip
    return Change(row, existed=change.existed if change else False, facets_of=entry)


def _withdrawn(entry: Entry, change: Change | None) -> Change:
    if change is None:
        row = Row(
            entry.index, entry.kind, entry.org, entry.record_id, entry.index, entry.index, entry.marking, True,
            entry.time, "", None, None, None, False, entry.erased, entry.held,
        )  # fmt: skip
        return Change(row, existed=False, covers=False)
    if change.row.disputed:  # its owner does not say it: what a thief wrote is not shown as its own
        change.row = change.row._replace(body_index=entry.index, title="", state=None)
    change.row = change.row._replace(
        current_index=entry.index, withdrawn=True, published=entry.time, excluded_index=None, disputed=False
    )
    change.covers = False
    return change
