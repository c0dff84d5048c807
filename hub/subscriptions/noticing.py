"""Tells whom a webhook's owner has named that it is paused or ended: once for each time, later if mail is away."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final, NamedTuple

import structlog
from sqlalchemy import Connection, Row, select, update

from hub.subscriptions.backoff import GIVEN_UP, delay
from hub.subscriptions.recipients import Recipient, recipient
from hub.subscriptions.recording import Attempt, note
from hub.subscriptions.sending import Sending
from hub.subscriptions.states import EVENTS, NOTICES, Outcome, Reason, State
from hub.subscriptions.tables import subscriptions, targets
from hub.subscriptions.transactions import Transactions
from hub.subscriptions.webhooks import TEST_INDEX
from wire.seal import timestamp

AT_A_TIME: Final = 20
_S, _T = subscriptions.c, targets.c
_log = structlog.get_logger()


class Notice(NamedTuple):
    """Who is to be told, and the target of the webhook that does not go on."""

    recipient: Recipient
    hook: Row[Any]


class NoticeRun:
    """Shared by all webhooks."""

    def __init__(self, sending: Sending, database: Transactions, now: Callable[[], datetime]) -> None:
        self._mailer = sending.mailer
        self._mails = sending.mails()
        self._database = database
        self._now = now

    async def run(self) -> bool:
        """Send the notices that are due; false if some are still to be sent."""
        if self._mailer is None:
            return True
        at = timestamp(self._now())
        for notice in await self._database.read(lambda connection: _due(connection, at)):
            await self._tell(notice)
        return not await self._database.read(lambda connection: _due(connection, None))

    async def _tell(self, notice: Notice) -> None:
        now, found, target = self._now(), notice.recipient, notice.recipient.target
        if self._mailer is None:
            return
        message = self._mails.notice(found, notice.hook, now)
        handed = await self._mailer.send(message)
        attempt = Attempt(
            "notice", str(message["Message-ID"]).strip("<>")[:80], TEST_INDEX, handed.outcome, handed.status,
            handed.milliseconds, handed.text,
        )  # fmt: skip
        since = target.failing_since or timestamp(now)
        lasting = datetime.fromisoformat(since) + GIVEN_UP <= now
        failures = target.failures + 1
        told: dict[str, Any] = {"next_run": None, "failing_since": None, "failures": 0}
        if handed.outcome is Outcome.DELIVERED:
            values = {**told, "delivered_at": timestamp(now)}
        elif handed.outcome is Outcome.REFUSED:
            values = {**told, "state": State.STOPPED, "reason": Reason.ADDRESS_REFUSED}
        elif lasting:
            values = told
        else:
            values = {"next_run": timestamp(now + delay(failures)), "failing_since": since, "failures": failures}
            _log.info("notice.waits", subscription=found.subscription.id, status=handed.status)

        def write(connection: Connection) -> None:
            note(connection, target.number, attempt, now)
            # Not over what an owner or recipient has changed meanwhile.
            mine = (_T.number == target.number, _T.edition == target.edition)
            connection.execute(update(targets).where(*mine).values(values))

        await self._database.write(write)


def _due(connection: Connection, at: str | None) -> list[Notice]:
    """Give those who are to be told, of webhooks that still do not go on."""
    query = (
        select(_T.id)
        .join(subscriptions, _S.number == _T.subscription)
        .where(
            _T.role == NOTICES, _T.state == State.ACTIVE, _T.next_run.is_not(None),
            _S.state.in_((State.PAUSED, State.STOPPED)), _S.reason.is_not(None),
        )
        .order_by(_T.number)
        .limit(AT_A_TIME)
    )  # fmt: skip
    if at is not None:
        query = query.where(_T.next_run <= at)
    found = [recipient(connection, target) for target in connection.scalars(query).all()]
    return [Notice(each, _hook(connection, each)) for each in found if each is not None]


def _hook(connection: Connection, of: Recipient) -> Row[Any]:
    mine = (_T.subscription == of.subscription.number, _T.role == EVENTS)
    return connection.execute(select(targets).where(*mine)).one()
