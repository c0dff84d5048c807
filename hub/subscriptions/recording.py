"""What the worker writes down: how far a target has come, what was tried and what came of it, and what ends."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import structlog
from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from hub.store import storable
from hub.subscriptions.backoff import GIVEN_UP, delay, next_digest
from hub.subscriptions.lanes import Lane
from hub.subscriptions.recipients import UNDO_WITHIN
from hub.subscriptions.states import EVENTS, NOTICES, Outcome, Reason, State
from hub.subscriptions.store import touch
from hub.subscriptions.tables import deliveries, outcomes, subscriptions, targets
from wire.database import is_sqlite
from wire.seal import timestamp

KEPT: Final = 500  # deliveries of a target that stay in its log
MAX_RESPONSE: Final = 300
MAX_ERROR: Final = 200
_S, _T = subscriptions.c, targets.c
_log = structlog.get_logger()


@dataclass(frozen=True)
class Attempt:
    """One attempt as it goes into the delivery log."""

    kind: str
    message_id: str
    index: int
    outcome: Outcome
    status: int | None
    milliseconds: int
    response: str
    retry_after: float | None = None


def note(connection: Connection, target: int, attempt: Attempt, now: datetime) -> None:
    """Put an attempt into the delivery log, and count it; the oldest ones go, and so has what was ended meanwhile."""
    if connection.scalar(select(_T.number).where(_T.number == target)) is None:
        return
    values = {
        "target": target, "at": timestamp(now), "kind": attempt.kind, "message_id": attempt.message_id,
        "index": attempt.index, "outcome": attempt.outcome, "status": attempt.status,
        "milliseconds": attempt.milliseconds, "response": storable(attempt.response, MAX_RESPONSE),
    }  # fmt: skip
    connection.execute(insert(deliveries).values(values))
    _keep_newest(connection, target)
    upsert = sqlite.insert if is_sqlite(connection) else postgresql.insert
    counted = upsert(outcomes).values(outcome=attempt.outcome, times=1)
    more = {"times": outcomes.c.times + 1}
    connection.execute(counted.on_conflict_do_update(index_elements=["outcome"], set_=more))


def _keep_newest(connection: Connection, target: int) -> None:
    of = deliveries.c.target == target
    newest = select(deliveries.c.number).where(of).order_by(deliveries.c.number.desc())
    oldest = connection.scalar(newest.offset(KEPT).limit(1))
    if oldest is not None:
        connection.execute(delete(deliveries).where(of, deliveries.c.number <= oldest))


def next_run(lane: Lane, now: datetime) -> str | None:
    """Give when a lane may be served again after it was; a webhook at once."""
    return None if lane.channel == "webhook" else timestamp(next_digest(lane.rhythm, lane.hour, now))


def delivered(connection: Connection, lane: Lane, attempt: Attempt, following: int, now: datetime) -> bool:
    """Go on to `following`; false if somebody has changed the target meanwhile, and then it stays where they put it."""
    note(connection, lane.number, attempt, now)
    return _put(
        connection, lane, cursor=following, log=lane.log, next_run=next_run(lane, now), failing_since=None, failures=0,
        last_error=None, delivered_at=timestamp(now),
    )  # fmt: skip


def failed(connection: Connection, lane: Lane, attempt: Attempt, now: datetime) -> str | None:
    """Try again later, with longer and longer pauses; after days of it, or for good, stop. Gives when it is next.

    None if it has stopped, or if somebody has changed the target meanwhile: this was said of what it was before.
    """
    note(connection, lane.number, attempt, now)
    since = lane.failing_since or timestamp(now)
    lasting = datetime.fromisoformat(since) + GIVEN_UP <= now
    due = timestamp(now + delay(lane.failures + 1, attempt.retry_after))
    error = storable(_error(attempt), MAX_ERROR)
    if not _put(connection, lane, next_run=due, failing_since=since, failures=lane.failures + 1, last_error=error):
        return None
    if attempt.outcome is Outcome.GONE:
        stop(connection, lane, Reason.GONE, now)
    elif attempt.outcome is Outcome.REFUSED:
        stop(connection, lane, Reason.ADDRESS_REFUSED, now)
    elif lasting:
        stop(connection, lane, Reason.FAILING, now)
    else:
        return due
    return None


def _error(attempt: Attempt) -> str:
    return attempt.response if attempt.status is None else f"{attempt.status} {attempt.response}".strip()


def nothing_to_say(connection: Connection, lane: Lane, following: int, now: datetime) -> bool:
    """Keep how far a daily or weekly mail has come without having anything to say, and when it is next."""
    # Until it has been told that its place is in another log, the tables keep the place in that one.
    place = {} if lane.former is not None else {"cursor": following}
    return _put(connection, lane, next_run=next_run(lane, now), **place)


def adopt(connection: Connection, log: str) -> None:
    """Say of places that were kept before this was asked that they are of this log."""
    connection.execute(update(targets).where(_T.log.is_(None)).values(log=log))


def save_positions(connection: Connection, lanes: Sequence[Lane]) -> None:
    """Keep how far lanes have come to which nothing was to be sent."""
    for lane in lanes:
        _put(connection, lane, cursor=lane.position)


def _put(connection: Connection, lane: Lane, **values: Any) -> bool:
    # Only over the edition that the worker knows: what an owner has changed since then wins.
    statement = update(targets).where(_T.number == lane.number, _T.edition == lane.edition).values(values)
    return connection.execute(statement).rowcount == 1


def stop(connection: Connection, lane: Lane, reason: Reason, now: datetime) -> None:
    """End what cannot go on. A webhook that only fails is paused: its place is kept, and its owner can resume it."""
    pausing = reason is Reason.FAILING and lane.channel == "webhook"
    of_owner = reason in {Reason.OWNER_GONE, Reason.ROLE_LOWERED}
    whole = lane.channel == "webhook" or of_owner
    if not pausing:
        ended: dict[str, Any] = {"state": State.STOPPED, "reason": reason, "edition": _T.edition + 1}
        if lane.channel == "mail" or reason is Reason.OWNER_GONE:  # nobody is left who could have a webhook forgotten
            ended["expires"] = timestamp(now + UNDO_WITHIN)
        # Who has not confirmed yet is left out: what ends here goes on when its owner is back.
        all_its = (_T.subscription == lane.subscription_number, _T.state == State.ACTIVE, _T.role == EVENTS)
        these = all_its if of_owner else (_T.number == lane.number,)
        connection.execute(update(targets).where(*these).values(ended))
        others = select(_T.number).where(_T.subscription == lane.subscription_number, _T.state != State.STOPPED)
        whole = whole or connection.execute(others.limit(1)).first() is None
    if whole:
        state = State.PAUSED if pausing else State.STOPPED
        statement = update(subscriptions).where(_S.number == lane.subscription_number)
        connection.execute(statement.values(state=state, reason=reason))
        if lane.channel == "webhook":
            tell_notices(connection, [lane.subscription_number], now)
    touch(connection)
    _log.warning("subscription.stopped", subscription=lane.subscription, channel=lane.channel, reason=str(reason))


def tell_notices(connection: Connection, webhooks: Sequence[int], now: datetime) -> None:
    """Have those told who wanted to know that these webhooks do not go on."""
    told = (_T.subscription.in_(webhooks), _T.role == NOTICES, _T.state == State.ACTIVE)
    connection.execute(update(targets).where(*told).values(next_run=timestamp(now), failures=0))
