"""Looks once a day whether all owners are still there: one who is gone is noticed where nothing is ever to be sent."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy import Connection, and_, or_, select, update

from hub.subscriptions.owners import PUBLIC, role_now
from hub.subscriptions.recipients import UNDO_WITHIN
from hub.subscriptions.recording import tell_notices
from hub.subscriptions.states import EVENTS, Reason, State
from hub.subscriptions.store import touch
from hub.subscriptions.tables import subscriptions, targets
from hub.subscriptions.transactions import Transactions
from wire.seal import timestamp

EVERY: Final = timedelta(days=1)
AT_A_TIME: Final = 100  # owners: the round goes on at the next look
_S, _T = subscriptions.c, targets.c
_log = structlog.get_logger()


class OwnerRound:
    """Begun at each start, and then once a day."""

    def __init__(self, database: Transactions, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now
        self._after = ""
        self._next: datetime | None = None

    async def go_on(self) -> bool:
        """Look at some owners, if a round is due; true if it has come to its end."""
        now = self._now()
        if self._next is not None and now < self._next:
            return False
        owners, gone = await self._database.read(lambda connection: _some(connection, self._after))
        if gone:
            await self._database.write(lambda connection: _end_all(connection, gone, now))
        if len(owners) == AT_A_TIME:
            self._after = owners[-1]
            return False
        self._after, self._next = "", now + EVERY
        return True


def _some(connection: Connection, after: str) -> tuple[list[str], list[str]]:
    """Give the next owners, and those of them who are gone."""
    query = select(_S.owner).where(_S.owner != PUBLIC, _S.owner > after).distinct().order_by(_S.owner).limit(AT_A_TIME)
    owners = list(connection.scalars(query))
    return owners, [each for each in owners if role_now(connection, each) is None]


def _end_all(connection: Connection, owners: list[str], now: datetime) -> None:
    for owner in owners:
        if role_now(connection, owner) is None and (ended := end_of_owner(connection, owner, now)):
            _log.warning("subscriptions.stopped", subscriptions=ended, reason=str(Reason.OWNER_GONE))


def end_of_owner(connection: Connection, owner: str, now: datetime) -> int:
    """End what an owner who is gone has left, have it forgotten after a month, and give how many subscriptions.

    Also what had ended before, and would be kept until its owner has it forgotten. Who has not confirmed yet is left
    out, as where something was to be sent.
    """
    kept = or_(_T.state == State.ACTIVE, and_(_T.state == State.STOPPED, _T.expires.is_(None)))
    of = select(_T.number, _T.subscription).join(subscriptions, _S.number == _T.subscription)
    found = connection.execute(of.where(_S.owner == owner, _T.role == EVENTS, kept)).all()
    if not found:
        return 0
    numbers = {row.subscription for row in found}
    ended = {"state": State.STOPPED, "reason": Reason.OWNER_GONE, "expires": timestamp(now + UNDO_WITHIN)}
    these = _T.number.in_([row.number for row in found])
    connection.execute(update(targets).where(these).values(**ended, edition=_T.edition + 1))
    told = select(_S.number).where(_S.number.in_(numbers), _S.channel == "webhook", _S.state != State.STOPPED)
    tell_notices(connection, connection.scalars(told).all(), now)
    stopped = {"state": State.STOPPED, "reason": Reason.OWNER_GONE}
    connection.execute(update(subscriptions).where(_S.number.in_(numbers)).values(stopped))
    touch(connection)
    return len(numbers)
