"""Subscriptions and their deliveries as programs and pages are given them; never a secret, never a token."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy import Connection, Row, select

from hub.subscriptions.owners import Owner
from hub.subscriptions.states import EVENTS, NOTICES, State
from hub.subscriptions.store import targets_of
from hub.subscriptions.tables import deliveries, subscriptions, targets

_S, _T, _D = subscriptions.c, targets.c, deliveries.c


def own(connection: Connection, owner: Owner, size: int, positions: Mapping[int, int]) -> list[dict[str, Any]]:
    """Give all subscriptions of an owner, in the order in which they were made."""
    rows = connection.execute(select(subscriptions).where(_S.owner == owner.name).order_by(_S.number)).all()
    by_number: dict[int, list[Row[Any]]] = {row.number: [] for row in rows}
    for target in targets_of(connection, list(by_number)):
        by_number[target.subscription].append(target)
    return [described(row, by_number[row.number], size, positions) for row in rows]


def described(row: Row[Any], of: Sequence[Row[Any]], size: int, positions: Mapping[int, int]) -> dict[str, Any]:
    """Give one subscription; `positions` is how far the worker has looked where that is further than what is kept."""
    found: dict[str, Any] = {
        "id": row.id, "name": row.name, "channel": row.channel, "filters": orjson.loads(row.filters),
        "language": row.language, "rhythm": row.rhythm, "hour": row.hour, "state": row.state, "reason": row.reason,
        "created": row.created,
    }  # fmt: skip
    if row.channel == "webhook":
        target = next(each for each in of if each.role == EVENTS)
        told = next((each for each in of if each.role == NOTICES), None)
        notify = None if told is None else {"address": told.address, "state": told.state, "reason": told.reason}
        return {**found, "url": target.address, "notify": notify, **_progress(row, target, size, positions)}
    recipients = [
        {
            "address": target.address, "state": target.state, "reason": target.reason,
            **_progress(row, target, size, positions),
        }
        for target in of
    ]  # fmt: skip
    return {**found, "recipients": recipients}


def _progress(row: Row[Any], target: Row[Any], size: int, positions: Mapping[int, int]) -> dict[str, Any]:
    position = target.cursor
    if row.state == State.ACTIVE:
        position = max(position, positions.get(target.number, 0))
    return {
        "next_index": position, "lag_events": max(0, size - position), "next_try": target.next_run,
        "failing_since": target.failing_since, "failures": target.failures, "last_error": target.last_error,
        "delivered_at": target.delivered_at,
    }  # fmt: skip


def delivery_log(connection: Connection, row: Row[Any], before: int | None, limit: int) -> list[dict[str, Any]]:
    """Give the attempts, the newest first; `before` is the number of the last one that was given."""
    query = (
        select(deliveries, _T.address, _D.index.label("log_index"))
        .join(targets, _T.number == _D.target)
        .where(_T.subscription == row.number)
        .order_by(_D.number.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(_D.number < before)
    return [
        {
            "number": each.number, "at": each.at, "kind": each.kind, "message_id": each.message_id,
            "index": each.log_index if each.log_index >= 0 else None, "outcome": each.outcome, "status": each.status,
            "milliseconds": each.milliseconds, "response": each.response,
            **({} if row.channel == "webhook" else {"address": each.address}),
        }
        for each in connection.execute(query)
    ]  # fmt: skip
