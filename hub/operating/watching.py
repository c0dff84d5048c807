"""Looks at all nodes now and then, and keeps when their state changed and how each hour went."""

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

import structlog
from sqlalchemy import Connection, Engine, delete, func, insert, select, update

from hub.node_states import NEVER_SEEN, Sighting, judge_state, lag_events, nodes_of, sightings
from hub.operating import refused
from hub.operating.refused import HOUR
from hub.operating.tables import node_hours, state_changes
from hub.tables import cursors
from wire.database import writing
from wire.registry import Registry
from wire.seal import timestamp

EVERY_SECONDS: Final = 10.0
BLIND_AFTER: Final = timedelta(minutes=2)  # without a look: what was meanwhile is not known
CHANGES_FOR: Final = timedelta(days=100)
HOURS_FOR: Final = timedelta(hours=49)
UNKNOWN: Final = "unknown"
CURSOR: Final = "watched"  # when it was last looked, in seconds since 1970

_log = structlog.get_logger()


def watch(engine: Engine, registry: Registry, now: datetime, blind: str | None = None) -> int:
    """Look once; gives how many states have changed. While the hub is `blind` nothing is known of any node."""
    with writing(engine).begin() as connection:
        looked = connection.scalar(select(cursors.c.position).where(cursors.c.name == CURSOR))
        members = nodes_of(registry)
        seen = sightings(connection, [member.organization for member in members], now)
        last = _last(connection)
        before = datetime.fromtimestamp(looked, now.tzinfo) if looked else None
        gap = before is not None and now - before > BLIND_AFTER
        changed = 0
        for member in members:
            name = member.organization
            found = seen.get(name, NEVER_SEEN)
            state, reason = judge_state(found, member, now)
            if gap and before is not None and last.get(name) not in {None, UNKNOWN}:
                _change(connection, name, before, UNKNOWN, "The hub was not running.")
                last[name] = UNKNOWN
            word, why = (UNKNOWN, blind) if blind else (state.value, reason)
            if last.get(name) != word:
                _change(connection, name, now, word, why)
                changed += 1
            _note_hour(connection, name, found, now)
        _looked(connection, looked, now)
        _forget(connection, now)
    return changed


def history(connection: Connection, organization: str, since: datetime) -> list[dict[str, str]]:
    """Give the state changes of a node since a time, and the one that held then: since, state, reason; oldest first."""
    mine, table = state_changes.c.organization == organization, state_changes
    before = select(func.max(table.c.number)).where(mine, table.c.since <= timestamp(since)).scalar_subquery()
    query = select(table).where(mine, (table.c.since > timestamp(since)) | (table.c.number == before))
    rows = connection.execute(query.order_by(table.c.number))
    return [{"since": row.since, "state": row.state, "reason": row.reason} for row in rows]


def histories(connection: Connection, since: datetime) -> dict[str, list[tuple[str, str]]]:
    """Give for each node its states since a time as (since, state), with the one that held before; oldest first."""
    table = state_changes
    first = (
        select(func.max(table.c.number)).where(table.c.since <= timestamp(since)).group_by(table.c.organization)
    )  # fmt: skip
    query = select(table).where((table.c.since > timestamp(since)) | table.c.number.in_(first))
    found: dict[str, list[tuple[str, str]]] = {}
    for row in connection.execute(query.order_by(table.c.number)):
        found.setdefault(row.organization, []).append((row.since, row.state))
    return found


def hours(connection: Connection, now: datetime) -> dict[str, list[int | None]]:
    """Give for each node the events of each of the last 24 hours, oldest first; None where nobody looked."""
    steps = [timestamp(now - timedelta(hours=each))[:HOUR] for each in range(24, -1, -1)]
    at: dict[str, dict[str, int]] = {}
    for row in connection.execute(select(node_hours).where(node_hours.c.hour >= steps[0])):
        at.setdefault(row.organization, {})[row.hour] = row.sequence
    found = {}
    for name, known in at.items():
        found[name] = [known[b] - known[a] if a in known and b in known else None for a, b in pairwise(steps)]
    return found


def _last(connection: Connection) -> dict[str, str]:
    newest = select(func.max(state_changes.c.number)).group_by(state_changes.c.organization)
    query = select(state_changes.c.organization, state_changes.c.state).where(state_changes.c.number.in_(newest))
    return {row.organization: row.state for row in connection.execute(query)}


def _change(connection: Connection, organization: str, since: datetime, state: str, reason: str) -> None:
    row = {"organization": organization, "since": timestamp(since), "state": state, "reason": reason[:500]}
    connection.execute(insert(state_changes).values(row))
    _log.info("node.state", organization=organization, state=state)


def _note_hour(connection: Connection, organization: str, seen: Sighting, now: datetime) -> None:
    mine = (node_hours.c.organization == organization, node_hours.c.hour == timestamp(now)[:HOUR])
    lag = lag_events(seen)
    known = connection.scalar(select(node_hours.c.lag).where(*mine))
    if known is None:
        row = {"organization": organization, "hour": timestamp(now)[:HOUR], "sequence": seen.sequence, "lag": lag}
        connection.execute(insert(node_hours).values(row))
    else:
        values = {"sequence": seen.sequence, "lag": max(lag, known)}
        connection.execute(update(node_hours).where(*mine).values(values))


def _looked(connection: Connection, before: int | None, now: datetime) -> None:
    seconds = int(now.timestamp())
    if before is None:
        connection.execute(insert(cursors).values(name=CURSOR, position=seconds))
    else:
        connection.execute(update(cursors).where(cursors.c.name == CURSOR).values(position=seconds))


def _forget(connection: Connection, now: datetime) -> None:
    newest = select(func.max(state_changes.c.number)).group_by(state_changes.c.organization)
    old = state_changes.c.since < timestamp(now - CHANGES_FOR)
    connection.execute(delete(state_changes).where(old, state_changes.c.number.not_in(newest)))
    connection.execute(delete(node_hours).where(node_hours.c.hour < timestamp(now - HOURS_FOR)[:HOUR]))
    refused.forget_old(connection, now)
