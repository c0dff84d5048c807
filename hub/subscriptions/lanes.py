"""What the worker knows of each target: what is asked for, where it goes, how far it has come, and when it is next."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Connection, select

from hub.access import VISIBLE, Role
from hub.filters import Live
from hub.subscriptions.backoff import delay
from hub.subscriptions.owners import role_now, sees_less
from hub.subscriptions.states import EVENTS, Reason, State
from hub.subscriptions.tables import subscriptions, targets
from wire.seal import timestamp

_S, _T = subscriptions.c, targets.c


@dataclass
class Lane:
    """One target. `position` is the next index of `log` to look at; it may be ahead of what the tables say (`saved`).

    `former`: its place was of another log, which is lost; it begins anew in this one, and has not been told so yet.
    """

    number: int
    target: str
    subscription: str
    subscription_number: int
    owner: str
    granted: Role
    name: str
    channel: str
    address: str
    asked: Live
    language: str
    rhythm: Any
    hour: int
    secret: int
    rotated: str | None
    position: int
    saved: int
    edition: int
    next_run: str | None
    failures: int
    failing_since: str | None
    log: str = ""
    former: str | None = None
    outdated: bool = False

    def put_off(self, now: datetime, least: timedelta = timedelta()) -> None:
        """Wait, longer each time, where what came of a message cannot be written down, or it would go out endlessly."""
        self.failures += 1
        self.next_run = timestamp(now + max(delay(self.failures), least))


class Standing(NamedTuple):
    """Whether a lane may go on: what it may see, or why it is to stop; neither if somebody changed it meanwhile."""

    markings: Sequence[str] | None
    stop: Reason | None


def asked_of(filters: str, kept: type[Live] = Live) -> Live:
    """Read filters as they are kept; they were checked when they were asked for."""
    defaults: dict[str, Any] = {name: field.get_default() for name, field in kept.model_fields.items()}
    return kept.model_construct(**(defaults | orjson.loads(filters)))


def load_lanes(connection: Connection, log: str) -> list[Lane]:
    """Give all targets that events are to be sent to; a place in a log before this one is the beginning of this one."""
    query = (
        select(
            _T.number, _T.id.label("target"), _S.id.label("subscription"), _S.number.label("subscription_number"),
            _S.owner, _S.granted, _S.name, _S.channel, _T.address, _S.filters, _S.language, _S.rhythm, _S.hour,
            _S.secret, _S.rotated, _T.cursor, _T.log, _T.edition, _T.next_run, _T.failures, _T.failing_since,
        )
        .join(subscriptions, _S.number == _T.subscription)
        .where(_T.state == State.ACTIVE, _S.state == State.ACTIVE, _T.role == EVENTS)
        .order_by(_T.number)
    )  # fmt: skip
    return [_lane(row._mapping, log) for row in connection.execute(query)]  # noqa: SLF001 - SQLAlchemy's public name for it


def _lane(row: Any, log: str) -> Lane:
    given = {name: row[name] for name in row if name not in {"filters", "cursor", "granted", "log"}}
    former = row["log"] if row["log"] not in {None, log} else None
    position = row["cursor"] if former is None else 0
    return Lane(
        **given,
        granted=Role(row["granted"]),
        asked=asked_of(row["filters"]),
        position=position,
        saved=position,
        log=log,
        former=former,
    )


def standing(connection: Connection, lane: Lane) -> Standing:
    """Ask the tables again whether a lane may go on, at the moment in which something is to be sent."""
    found = connection.execute(
        select(_T.edition, _T.state, _S.state.label("of"))
        .join(subscriptions, _S.number == _T.subscription)
        .where(_T.number == lane.number)
    ).first()
    if found is None or found.edition != lane.edition or found.state != State.ACTIVE or found.of != State.ACTIVE:
        return Standing(None, None)
    role = role_now(connection, lane.owner)
    if role is None:
        return Standing(None, Reason.OWNER_GONE)
    if sees_less(role, lane.granted):
        return Standing(None, Reason.ROLE_LOWERED)
    return Standing(VISIBLE[lane.granted], None)


def states(connection: Connection) -> Counter[str]:
    """Count the subscriptions by state."""
    return Counter(connection.scalars(select(_S.state)))
