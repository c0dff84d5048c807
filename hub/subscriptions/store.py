"""What owners do with their subscriptions: make, change, rotate, end; each in one short transaction of its caller."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import orjson
from sqlalchemy import Connection, Row, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from hub import tables as hub_tables
from hub.access import Role
from hub.filters import Filters
from hub.subscriptions.backoff import next_digest
from hub.subscriptions.forms import Change, NewSubscription
from hub.subscriptions.owners import PUBLIC, Owner
from hub.subscriptions.states import EVENTS, NOTICES, Reason, State
from hub.subscriptions.tables import deliveries, subscriptions, targets
from schemas.sentences import gettext_noop as N_
from schemas.sentences import sentence
from wire.database import is_sqlite
from wire.seal import timestamp

MAX_ALL: Final = 10_000
MAX_PUBLIC: Final = MAX_ALL // 2  # of people without an account, so that members find room
MAX_OF_OWNER: Final = 50
MAX_OF_ADDRESS: Final = 10
MAX_UNCONFIRMED: Final = 1_000  # asked for by people without an account: they must not use up what all share
VERSION: Final = "subscriptions"  # a row of `cursors`: grows with each change, so that the worker looks again
ID_BYTES: Final = 10

# What ended a mail without its recipient or mail server having said no.
_RESUMED: Final = (Reason.OWNER_GONE, Reason.ROLE_LOWERED, Reason.FAILING, Reason.CURSOR_BEYOND_LOG)

_UNTROUBLED: Final[Mapping[str, Any]] = {"next_run": None, "failing_since": None, "failures": 0}

Subscription = Row[Any]
Target = Row[Any]
_S, _T = subscriptions.c, targets.c


class TooMany(Exception):
    """A limit stands in the way; the message says which."""


def create(
    connection: Connection, asked: NewSubscription, owner: Owner, size: int, now: datetime, log: str = ""
) -> str:  # fmt: skip
    """Keep a new subscription, which begins at the end of the log unless it says otherwise; gives its id. TooMany.

    `log` names the log that places are of, here and below (hub/this_log.py).
    """
    _check_limits(connection, asked, owner)
    made = secrets.token_hex(ID_BYTES)
    mail = asked.channel == "mail"
    values = {
        "id": made, "owner": owner.name, "granted": owner.role.value, "name": asked.name, "channel": asked.channel,
        "filters": written(asked.filters), "language": asked.language, "rhythm": asked.rhythm, "hour": asked.hour,
        "state": State.AWAITING if mail else State.ACTIVE, "reason": None, "secret": 1, "rotated": None,
        "created": timestamp(now),
    }  # fmt: skip
    [number] = connection.execute(insert(subscriptions).values(values)).inserted_primary_key or (0,)
    begin = size if asked.after is None else asked.after + 1
    rows = [_target(number, address, State.AWAITING, size, log) for address in asked.recipients]
    if asked.url is not None:
        rows = [_target(number, asked.url, State.ACTIVE, begin, log)]
    if asked.notify is not None:
        rows.append(_target(number, asked.notify, State.AWAITING, size, log, NOTICES))
    connection.execute(insert(targets), rows)
    touch(connection)
    return made


def _target(
    subscription: int, address: str, state: State, cursor: int, log: str, role: str = EVENTS
) -> dict[str, Any]:  # fmt: skip
    return {
        "id": secrets.token_hex(ID_BYTES), "subscription": subscription, "address": address, "state": state,
        "cursor": cursor, "log": log, "role": role, "edition": 1, "failures": 0,
    }  # fmt: skip


def _check_limits(connection: Connection, asked: NewSubscription, owner: Owner) -> None:
    everything = connection.scalar(select(func.count()).select_from(subscriptions)) or 0
    if everything >= MAX_ALL:
        raise TooMany(
            sentence(
                "this hub keeps {max_all} subscriptions at most, and has them; its operator can help.", max_all=MAX_ALL
            )
        )
    own = select(func.count()).select_from(subscriptions).where(_S.owner == owner.name)
    waiting = own.where(_S.state == State.AWAITING)
    if owner.name == PUBLIC and (connection.scalar(waiting) or 0) >= MAX_UNCONFIRMED:
        raise TooMany(N_("too many addresses have been entered and not confirmed; try again tomorrow."))
    had = connection.scalar(own) or 0
    if owner.name == PUBLIC and had >= MAX_PUBLIC:
        raise TooMany(
            sentence(
                "this hub keeps {max_public} subscriptions made without a log-in at most, and has them; log in, or ask "
                "its operator.",
                max_public=MAX_PUBLIC,
            )
        )
    if owner.name != PUBLIC and had >= MAX_OF_OWNER:
        raise TooMany(
            sentence(
                "you have {max_of_owner} subscriptions, as many as are kept for one; end one first.",
                max_of_owner=MAX_OF_OWNER,
            )
        )
    for address in (*asked.recipients, *(each for each in (asked.url, asked.notify) if each)):
        _check_address(connection, address)


def _check_address(connection: Connection, address: str) -> None:
    of = select(func.count()).select_from(targets).where(_T.address == address, _T.state != State.STOPPED)
    if (connection.scalar(of) or 0) >= MAX_OF_ADDRESS:
        raise TooMany(
            sentence(
                "an address may get {max_of_address} subscriptions, and one of these has them; end one first.",
                max_of_address=MAX_OF_ADDRESS,
            )
        )


def written(filters: Filters) -> str:
    """Write filters as they are kept: what was asked for, nothing else."""
    return orjson.dumps(filters.model_dump(exclude_defaults=True), option=orjson.OPT_SORT_KEYS).decode()


def find(connection: Connection, made: str) -> Subscription | None:
    """Give a subscription by its id."""
    return connection.execute(select(subscriptions).where(_S.id == made)).first()


def targets_of(connection: Connection, numbers: Sequence[int]) -> list[Target]:
    """Give the targets of these subscriptions, in the order in which they were made."""
    return list(connection.execute(select(targets).where(_T.subscription.in_(numbers)).order_by(_T.number)))


def change(
    connection: Connection, row: Subscription, asked: Change, now: datetime, role: Role | None = None, log: str = "",
    size: int = 0,
) -> None:  # fmt: skip
    """Change what is named; pausing keeps each target's place, so that nothing is missed when it goes on.

    Who gives a webhook another place, as to send all again, has it go on if it had stopped for want of one. `role` is
    the owner's now: who resumes has from then on what that role sees. `size` is the log's. TooMany.
    """
    if asked.after is not None and asked.state is None and row.reason == Reason.CURSOR_BEYOND_LOG:
        asked = asked.model_copy(update={"state": "active"})  # it stopped for want of a place
    if asked.url is not None and not _goes_to(connection, row, asked.url):
        _check_address(connection, asked.url)
    said = asked.model_dump(exclude_none=True, exclude={"filters", "state", "url", "after", "notify"})
    if asked.filters is not None:
        said["filters"] = written(asked.filters)
    if asked.state is not None and row.state != State.AWAITING:
        said |= {"state": asked.state, "reason": None}
        if role is not None and asked.state == "active":
            said["granted"] = role.value
    if said:
        connection.execute(update(subscriptions).where(_S.number == row.number).values(said))
    moved = _moved(row, asked, {**row._mapping, **said}, now, log)  # noqa: SLF001 - SQLAlchemy's public name for it
    connection.execute(update(targets).where(_T.subscription == row.number, _T.role == EVENTS).values(moved))
    if asked.notify is not None:
        _name(connection, row, asked.notify, log)
    if asked.state == "active":
        _resumed(connection, row, log, size)
    touch(connection)


def _goes_to(connection: Connection, row: Subscription, address: str) -> bool:
    of = (_T.subscription == row.number, _T.address == address, _T.role == EVENTS)
    return connection.scalar(select(_T.number).where(*of)) is not None


def _moved(
    row: Subscription, asked: Change, then: Mapping[str, Any], now: datetime, log: str
) -> dict[str, Any]:  # fmt: skip
    moved: dict[str, Any] = {"edition": _T.edition + 1}
    if asked.state == "active":
        moved |= _UNTROUBLED
    if row.channel == "webhook":
        if asked.state == "active":
            moved |= {"state": State.ACTIVE, "reason": None, "expires": None}
        # Whoever names another receiver or place wants it tried now, not when the one before was to be tried again.
        moved |= {} if asked.url is None else {"address": asked.url, **_UNTROUBLED}
        moved |= {} if asked.after is None else {"cursor": asked.after + 1, "log": log, "next_run": None}
    elif asked.state is not None or asked.rhythm is not None or asked.hour is not None:
        moved |= {"next_run": timestamp(next_digest(then["rhythm"], then["hour"], now))}
    return moved


def _resumed(connection: Connection, row: Subscription, log: str, size: int) -> None:
    waiting = (_T.subscription == row.number, _T.role == NOTICES, _T.state == State.ACTIVE)
    connection.execute(update(targets).where(*waiting).values(_UNTROUBLED))  # nobody need be told any more
    if row.channel == "mail":
        for target in targets_of(connection, [row.number]):
            again: dict[str, Any] = {}
            again |= {"state": State.ACTIVE, "reason": None, "expires": None} if target.reason in _RESUMED else {}
            again |= {"cursor": size, "log": log} if is_beyond(target, size, log) else {}
            if again:
                connection.execute(update(targets).where(_T.number == target.number).values(again))


def is_beyond(target: Target, size: int, log: str) -> bool:
    """Whether the place of a recipient is no place of the log; then it can only go on from the end."""
    # What stopped for it stays so when the log has grown again: what stands at that index now is another entry.
    stopped = target.reason == Reason.CURSOR_BEYOND_LOG
    return stopped or (target.role == EVENTS and target.log in {None, log} and target.cursor > size)


def _name(connection: Connection, row: Subscription, address: str, log: str) -> None:
    """Have another address told when a webhook does not go on; it is asked first. TooMany."""
    named = (_T.subscription == row.number, _T.role == NOTICES)
    if address and connection.scalar(select(_T.number).where(*named, _T.address == address, _T.state != State.STOPPED)):
        return
    _check_address(connection, address)
    forget_targets(connection, connection.scalars(select(_T.number).where(*named)).all())
    if address:
        connection.execute(insert(targets), [_target(row.number, address, State.AWAITING, 0, log, NOTICES)])


def rotate(connection: Connection, row: Subscription, now: datetime) -> int:
    """Take the next secret; gives its number. For a day signatures are made with both."""
    values = {"secret": row.secret + 1, "rotated": timestamp(now)}
    connection.execute(update(subscriptions).where(_S.number == row.number).values(values))
    connection.execute(update(targets).where(_T.subscription == row.number).values(edition=_T.edition + 1))
    touch(connection)
    return int(row.secret) + 1


def remove(connection: Connection, numbers: Sequence[int]) -> None:
    """Forget subscriptions with everything about them."""
    forget_targets(connection, connection.scalars(select(_T.number).where(_T.subscription.in_(numbers))).all())
    connection.execute(delete(subscriptions).where(_S.number.in_(numbers)))
    touch(connection)


def forget_targets(connection: Connection, numbers: Sequence[int]) -> None:
    """Forget targets with what was tried: a mail server's answer may name the address."""
    connection.execute(delete(deliveries).where(deliveries.c.target.in_(numbers)))
    connection.execute(delete(targets).where(_T.number.in_(numbers)))


def touch(connection: Connection) -> None:
    """Say that something has changed."""
    cursors = hub_tables.cursors
    upsert = sqlite.insert if is_sqlite(connection) else postgresql.insert
    statement = upsert(cursors).values(name=VERSION, position=1)
    grown = {"position": cursors.c.position + 1}
    connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_=grown))


def version(connection: Connection) -> int:
    """Give how often something has changed."""
    cursors = hub_tables.cursors
    return connection.scalar(select(cursors.c.position).where(cursors.c.name == VERSION)) or 0
