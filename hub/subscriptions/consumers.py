"""How subscriptions go, for operators: rate, lag and last error of each, what needs attention first."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, case, func, select

from hub.clock import utc_now
from hub.subscriptions.addresses import host_of
from hub.subscriptions.figures import Figures
from hub.subscriptions.states import EVENTS, State
from hub.subscriptions.tables import deliveries, subscriptions, targets
from hub.tail import Tail
from wire.seal import timestamp

SHOWN: Final = 200
_S, _T, _D = subscriptions.c, targets.c, deliveries.c


def seen_by_operators(
    tail: Tail, figures: Figures, now: Callable[[], datetime] = utc_now
) -> Callable[[Connection], list[dict[str, Any]]]:
    """Give what the operators' page asks: the same as `consumers`, as things stand when it is asked."""
    return lambda connection: consumers(connection, tail.size, figures.positions, now())


def consumers(
    connection: Connection, size: int, positions: Mapping[int, int], now: datetime, limit: int = SHOWN
) -> list[dict[str, Any]]:
    """Give up to `limit` targets, those that fail first, then the furthest behind.

    `size` is that of the log, `positions` are the worker's (`Figures.positions`). Of an address only the part that
    names no person and no secret is told: a webhook's host, a mail's domain. `rate` is deliveries in the last hour.
    """
    since = timestamp(now - timedelta(hours=1))
    lately = (
        select(_D.target, func.count().label("rate"))
        .where(_D.at >= since, _D.outcome == "delivered")
        .group_by(_D.target)
        .subquery()
    )
    failing_first = case((_T.failing_since.is_not(None), 0), else_=1)
    query = (
        select(
            _S.id, _S.owner, _S.channel, _S.rhythm, _S.state, _S.reason, _T.number, _T.address, _T.state.label("of"),
            _T.cursor, _T.failing_since, _T.failures, _T.last_error, _T.next_run, _T.delivered_at,
            func.coalesce(lately.c.rate, 0).label("rate"),
        )
        .join(subscriptions, _S.number == _T.subscription)
        .outerjoin(lately, lately.c.target == _T.number)
        .where(_T.state != State.STOPPED, _T.role == EVENTS)
        .order_by(failing_first, _T.failing_since, _T.cursor, _T.number)
        .limit(limit)
    )  # fmt: skip
    return [_consumer(row, size, positions) for row in connection.execute(query)]


def _consumer(row: Any, size: int, positions: Mapping[int, int]) -> dict[str, Any]:
    going = row.state == State.ACTIVE and row.of == State.ACTIVE
    position = max(row.cursor, positions.get(row.number, 0)) if going else row.cursor
    return {
        "subscription": row.id,
        "owner": row.owner.partition(":")[0],
        "channel": row.channel,
        "rhythm": row.rhythm,
        "state": row.state if row.state != State.ACTIVE else row.of,
        "reason": row.reason,
        "to": host_of(row.channel, row.address),
        "lag_events": max(0, size - position),
        "failing_since": row.failing_since,
        "failures": row.failures,
        "last_error": row.last_error,
        "next_try": row.next_run,
        "delivered_at": row.delivered_at,
        "rate": row.rate,
    }
