"""Asks new recipients whether they want the mail: once each, no address too often, later if the mail server is away."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy import Connection, select, update

from hub.subscriptions.backoff import GIVEN_UP, delay
from hub.subscriptions.recipients import Recipient, asked, may_ask, recipient
from hub.subscriptions.sending import Sending
from hub.subscriptions.states import Outcome, Reason, State
from hub.subscriptions.store import touch
from hub.subscriptions.tables import targets
from hub.subscriptions.transactions import Transactions
from wire.seal import timestamp

AT_A_TIME: Final = 20
FORGOTTEN_AFTER: Final = timedelta(days=1)
_T = targets.c
_log = structlog.get_logger()


class ConfirmationRun:
    """Shared by all recipients."""

    def __init__(self, sending: Sending, database: Transactions, now: Callable[[], datetime]) -> None:
        self._mailer = sending.mailer
        self._mails = sending.mails()
        self._database = database
        self._now = now

    async def run(self) -> bool:
        """Ask those who have not been asked; false if some are still to be asked."""
        if self._mailer is None:
            return True
        at = timestamp(self._now())
        waiting = await self._database.read(lambda connection: _unasked(connection, at))
        for target in waiting:
            await self._ask(target)
        left = await self._database.read(lambda connection: _unasked(connection, None))
        return not left

    async def _ask(self, target: str) -> None:
        now = self._now()
        found = await self._database.write(lambda connection: _counted(connection, target, now))
        if found is None or self._mailer is None:
            return
        handed = await self._mailer.send(self._mails.confirmation(found, now))
        number, failures = found.target.number, found.target.failures + 1
        # Not where no mail server answers: that is no fault of the address, and ends when it is mended.
        since = None if handed.status is None else found.target.failing_since or timestamp(now)
        if handed.outcome is Outcome.DELIVERED:
            await self._database.write(lambda connection: asked(connection, number, now))
        elif handed.outcome is Outcome.REFUSED or (since and datetime.fromisoformat(since) + GIVEN_UP <= now):
            await self._database.write(lambda connection: _give_up(connection, number, Reason.ADDRESS_REFUSED, now))
        else:
            _log.info("confirmation.waits", subscription=found.subscription.id, status=handed.status)
            values = {"next_run": timestamp(now + delay(failures)), "failures": failures, "failing_since": since}
            await self._database.write(lambda c: c.execute(update(targets).where(_T.number == number).values(values)))


def _unasked(connection: Connection, at: str | None) -> list[str]:
    query = select(_T.id).where(_T.state == State.AWAITING, _T.expires.is_(None)).order_by(_T.number).limit(AT_A_TIME)
    if at is not None:
        query = query.where(_T.next_run.is_(None) | (_T.next_run <= at))
    return list(connection.scalars(query))


def _counted(connection: Connection, target: str, now: datetime) -> Recipient | None:
    """Count the mail before it is sent, so that no crash lets an address be asked without end."""
    found = recipient(connection, target)
    if found is None:
        return None
    if found.target.failures == 0 and not may_ask(connection, found.target.address, found.subscription.owner, now):
        _give_up(connection, found.target.number, Reason.ASKED_TOO_OFTEN, now)
        return None
    return found


def _give_up(connection: Connection, number: int, reason: Reason, now: datetime) -> None:
    values = {"state": State.STOPPED, "reason": reason, "expires": timestamp(now + FORGOTTEN_AFTER)}
    connection.execute(update(targets).where(_T.number == number).values(values))
    touch(connection)
