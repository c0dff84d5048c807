"""Counts beside the facets of the grid: how many records each choice would give under the other filters in force."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, FromClause, Subquery, case, func, select, true
from sqlalchemy.sql import ColumnElement

from node import tables
from node.store.grid_tables import grid
from schemas.freshness import NOTICE

_Key = tuple[str, str, str, str, str]  # kind, state, marking, freshness, progress
FACETS: Final = ("kind", "state", "marking", "fresh", "progress")


class Group(NamedTuple):
    """So many records that are alike in all facets; `judged`: the hub refused or left out their last events."""

    kind: str
    state: str
    marking: str
    fresh: str
    progress: str
    judged: bool
    number: int

    def words(self, facet: str) -> tuple[str, ...]:
        """Give the choices of a facet that these records are under."""
        if facet != "progress":
            return (getattr(self, facet),)
        # What is refused is in the log all the same, but not delivered.
        arrived = () if self.judged and self.progress == "delivered" else (self.progress,)
        return (*arrived, "refused") if self.judged else arrived


def groups_of(
    connection: Connection, source: FromClause, today: date, relay: Any, only: ColumnElement[bool] | None = None
) -> list[Group]:
    """Count the records of `source`, which joins the grid: in one pass over an index where it is the grid alone."""
    everything, records, sequence = true() if only is None else only, tables.records.c, tables.judgements.c.sequence
    refused = dict[_Key, int]()
    if connection.execute(select(sequence).limit(1)).first() is not None:
        left_out = select(records.number).where(records.sequence.in_(select(sequence)))
        refused = _numbers(connection, _by_day(source, relay, everything & grid.c.number.in_(left_out)), today)
    found = []
    for key, number in _numbers(connection, _by_day(source, relay, everything), today).items():
        out = refused.get(key, 0)
        found += [Group(*key, judged, each) for judged, each in ((False, number - out), (True, out)) if each]
    return found


def _by_day(source: FromClause, relay: Any, condition: ColumnElement[bool]) -> Subquery:
    """Count by day of review first, in the order of the index; of each how many were sealed, logged, witnessed."""
    row = grid.c
    alike = (row.state, row.kind, row.marking, row.due)
    reached = (func.count(case((row.sequence <= place, 1))) for place in (relay.logged, relay.witnessed))
    columns = (*alike, func.count().label("number"), func.count(row.sequence).label("sealed"))
    labelled = [each.label(name) for each, name in zip(reached, ("logged", "witnessed"), strict=True)]
    return select(*columns, *labelled).select_from(source).where(condition).group_by(*alike).subquery()


def _numbers(connection: Connection, days: Subquery, today: date) -> dict[_Key, int]:
    """Give numbers by kind, state, marking, freshness and progress."""
    day, now, soon = days.c, today.isoformat(), (today + NOTICE).isoformat()
    fresh = case((day.due < now, "overdue"), (day.due <= soon, "due"), else_="confirmed").label("fresh")
    # Grouped by a name: PostgreSQL does not see that two expressions with parameters are the same.
    days = select(*days.c, fresh).subquery()
    alike = (days.c.kind, days.c.state, days.c.marking, days.c.fresh)
    sums = (func.sum(each) for each in (days.c.number, days.c.sealed, days.c.logged, days.c.witnessed))
    query = select(*alike, *sums).group_by(*alike)
    found: dict[_Key, int] = {}
    for kind, state, marking, is_fresh, number, sealed, logged, witnessed in connection.execute(query):
        reached = max(logged, witnessed)
        waits = "local" if state == "local" else "waiting"
        by_progress = {
            waits: number - sealed, "sealed": sealed - reached, "logged": reached - witnessed, "delivered": witnessed,
        }  # fmt: skip
        found |= {
            (kind, state, marking, is_fresh, progress): int(each) for progress, each in by_progress.items() if each
        }
    return found


def facet_counts(groups: Iterable[Group], chosen: Mapping[str, Sequence[str]]) -> dict[str, dict[str, int]]:
    """Give, for each facet, how many records each of its choices has among those that the other facets let through."""
    found: dict[str, dict[str, int]] = {facet: {} for facet in FACETS}
    for group in groups:
        missed = [each for each in FACETS if chosen[each] and not set(group.words(each)) & set(chosen[each])]
        if len(missed) > 1:
            continue
        for facet in missed or FACETS:
            for word in group.words(facet):
                found[facet][word] = found[facet].get(word, 0) + group.number
    return found
