"""What recipients of mail do, by the token of their own mail: confirm, end, take back; and how often they are asked."""

import hashlib
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, Row, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from hub.subscriptions.backoff import next_digest
from hub.subscriptions.owners import PUBLIC
from hub.subscriptions.states import EVENTS, NOTICES, Reason, State
from hub.subscriptions.store import forget_targets, is_beyond, remove, touch
from hub.subscriptions.tables import confirmation_mails, subscriptions, targets
from hub.subscriptions.unsubscribed import UnsubscribedList
from wire.database import is_sqlite
from wire.seal import timestamp

CONFIRM_WITHIN: Final = timedelta(days=3)
UNDO_WITHIN: Final = timedelta(days=30)  # then the address is forgotten
MAX_ASKED_A_DAY: Final = 3  # mails to one address that ask for confirmation
MAX_PUBLIC_A_DAY: Final = 500  # to all addresses, asked for by people without an account
_EVERYBODY: Final = ""
_TAKEN_BACK: Final = (Reason.UNSUBSCRIBED, Reason.CURSOR_BEYOND_LOG)
_S, _T = subscriptions.c, targets.c


class Recipient(NamedTuple):
    """One address of one subscription."""

    target: Row[Any]
    subscription: Row[Any]


def recipient(connection: Connection, target: str) -> Recipient | None:
    """Find one by its target's id."""
    row = connection.execute(select(targets).where(_T.id == target)).first()
    if row is None:
        return None
    of = connection.execute(select(subscriptions).where(_S.number == row.subscription)).first()
    return None if of is None or (of.channel != "mail" and row.role != NOTICES) else Recipient(row, of)


def may_ask(connection: Connection, address: str, owner: str, now: datetime) -> bool:
    """Count one more mail that asks for confirmation, unless the address, or the public, has had enough of today."""
    day = now.date().isoformat()
    table = confirmation_mails
    connection.execute(delete(table).where(table.c.day < (now.date() - timedelta(days=1)).isoformat()))
    # Lower case: nobody gets more mails by being written in several ways.
    wanted = [(hashlib.sha256(address.lower().encode()).hexdigest(), MAX_ASKED_A_DAY)]
    if owner == PUBLIC:
        wanted.append((_EVERYBODY, MAX_PUBLIC_A_DAY))
    for name, most in wanted:
        had = connection.scalar(select(table.c.times).where(table.c.day == day, table.c.address == name)) or 0
        if had >= most:
            return False
    upsert = sqlite.insert if is_sqlite(connection) else postgresql.insert
    for name, _ in wanted:
        statement = upsert(table).values(day=day, address=name, times=1)
        more = {"times": table.c.times + 1}
        connection.execute(statement.on_conflict_do_update(index_elements=["day", "address"], set_=more))
    return True


def asked(connection: Connection, number: int, now: datetime) -> None:
    """Say until when a recipient may confirm."""
    until = timestamp(now + CONFIRM_WITHIN)
    values = {"expires": until, "failures": 0, "failing_since": None, "next_run": None}
    connection.execute(update(targets).where(_T.number == number).values(values))


def confirm(connection: Connection, found: Recipient, size: int, now: datetime, log: str = "") -> bool:
    """Begin to send to a recipient, from the end of the log on; false if it is too late. Twice is once."""
    target, subscription = found
    if target.state == State.ACTIVE:
        return True
    if target.state != State.AWAITING or target.expires is None or target.expires < timestamp(now):
        return False
    values = {
        "state": State.ACTIVE,
        "cursor": size,
        "log": log,
        "expires": None,
        "next_run": _first_run(found, now),
        "edition": _T.edition + 1,
    }
    if target.role == NOTICES and subscription.state != State.ACTIVE:
        values["next_run"] = timestamp(now)  # to be told of what came before the address had confirmed
    connection.execute(update(targets).where(_T.number == target.number).values(values))
    if subscription.state == State.AWAITING:
        connection.execute(
            update(subscriptions).where(_S.number == subscription.number).values(state=State.ACTIVE, reason=None)
        )
    touch(connection)
    return True


def _first_run(found: Recipient, now: datetime) -> str | None:
    target, subscription = found
    if subscription.rhythm == "at-once" or target.role == NOTICES:
        return None
    return timestamp(next_digest(subscription.rhythm, subscription.hour, now))


def unsubscribe(connection: Connection, found: Recipient, now: datetime) -> None:
    """End it for this recipient; the last one ends a subscription that goes on. It can be taken back for a month.

    Also what had stopped for another reason, after which its owner could have it go on.
    """
    target, subscription = found
    if target.reason == Reason.UNSUBSCRIBED:
        return
    until = timestamp(now + UNDO_WITHIN)
    stopped = {"state": State.STOPPED, "reason": Reason.UNSUBSCRIBED, "expires": until, "edition": _T.edition + 1}
    connection.execute(update(targets).where(_T.number == target.number).values(stopped))
    others = select(func.count()).select_from(targets).where(
        _T.subscription == subscription.number, _T.state != State.STOPPED
    )  # fmt: skip
    # Who hears no more of a webhook does not end it; and what was paused or ended before stays so, and why.
    if target.role != NOTICES and subscription.state == State.ACTIVE and not connection.scalar(others):
        ended = {"state": State.STOPPED, "reason": Reason.UNSUBSCRIBED}
        connection.execute(update(subscriptions).where(_S.number == subscription.number).values(ended))
    touch(connection)


def end_again(connection: Connection, ended: UnsubscribedList, now: datetime) -> int:
    """End what recipients have ended that a restored database has going on; gives how many."""
    if not ended:
        return 0
    going_on = connection.scalars(select(_T.id).where(_T.state != State.STOPPED)).all()
    found = [recipient(connection, target) for target in going_on if target in ended]
    for each in found:
        if each is not None:
            unsubscribe(connection, each, now)
    return len(found)


def take_back(connection: Connection, found: Recipient, size: int, now: datetime, log: str = "") -> bool:
    """Go on with what a recipient had ended, from where it ended; false if somebody else ended it.

    What stopped because its place is not in the log any more goes on from the end of the log.
    """
    target, subscription = found
    if target.state == State.ACTIVE:
        return True
    if target.reason not in _TAKEN_BACK:
        return False
    first = _first_run(found, now)
    values = {"state": State.ACTIVE, "reason": None, "expires": None, "next_run": first, "edition": _T.edition + 1}
    place = {"cursor": size, "log": log} if is_beyond(target, size, log) else {}
    connection.execute(update(targets).where(_T.number == target.number).values({**values, **place}))
    if subscription.reason in _TAKEN_BACK and target.role != NOTICES:
        again = {"state": State.ACTIVE, "reason": None}
        connection.execute(update(subscriptions).where(_S.number == subscription.number).values(again))
    touch(connection)
    return True


def forget_expired(connection: Connection, now: datetime) -> int:
    """Forget addresses that were not confirmed in time, and what ended long ago; gives how many targets."""
    ended = (_T.expires.is_not(None), _T.expires < timestamp(now), _T.state != State.ACTIVE)
    query = select(_T.number, _T.subscription, _T.role, _S.channel).join(subscriptions, _S.number == _T.subscription)
    gone = connection.execute(query.where(*ended)).all()
    if not gone:
        return 0
    forget_targets(connection, [row.number for row in gone])
    touched = {row.subscription for row in gone}
    left = set(connection.scalars(select(_T.subscription).where(_T.subscription.in_(touched))))
    hooks = {row.subscription for row in gone if row.channel == "webhook" and row.role == EVENTS}
    if whole := (touched - left) | hooks:
        remove(connection, sorted(whole))
    touch(connection)
    return len(gone)
