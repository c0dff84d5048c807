"""Counts what was refused of each node, by reason: since the beginning, and by hour for as long as it is shown."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, delete, func, select

from hub.operating.tables import refused_hours, refused_totals
from wire.seal import timestamp

KEPT_FOR: Final = timedelta(days=90)
HOUR: Final = 13  # letters of a time, down to the hour


def count_refused(
    connection: Connection, upsert: Callable[[Any], Any], by_node: Mapping[tuple[str, str], int], at: str
) -> None:  # fmt: skip
    """Add to the counts; `by_node` has numbers by organization and reason, `upsert` is the database's own insert."""
    for (organization, reason), times in by_node.items():
        key = {"organization": organization, "reason": reason}
        for table, row in ((refused_totals, key), (refused_hours, {**key, "hour": at[:HOUR]})):
            keys = [column.name for column in table.primary_key]
            statement = upsert(table).values(**row, times=times)
            more = {"times": table.c.times + times}
            connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=more))


def refused_since(connection: Connection, since: datetime) -> dict[str, dict[str, int]]:
    """Give by organization and reason what was refused since a time, to the hour before it."""
    table = refused_hours
    query = (
        select(table.c.organization, table.c.reason, func.sum(table.c.times))
        .where(table.c.hour >= timestamp(since)[:HOUR])
        .group_by(table.c.organization, table.c.reason)
    )
    found: dict[str, dict[str, int]] = {}
    for organization, reason, times in connection.execute(query):
        found.setdefault(organization, {})[reason] = int(times)
    return found


def forget_old(connection: Connection, now: datetime) -> None:
    """Let go what is older than is ever shown."""
    connection.execute(delete(refused_hours).where(refused_hours.c.hour < timestamp(now - KEPT_FOR)[:HOUR]))
