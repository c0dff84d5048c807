"""Brings one webhook on: its events in order, each written down before the next, until the end or a failure."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Final

from hub.access import VISIBLE
from hub.live import LiveLog, LoggedEvent, Question
from hub.subscriptions import recording
from hub.subscriptions.choosing import tells_of
from hub.subscriptions.lanes import Lane, standing
from hub.subscriptions.recording import Attempt
from hub.subscriptions.sending import Sending
from hub.subscriptions.states import Outcome
from hub.subscriptions.transactions import Transactions
from hub.subscriptions.webhooks import Receiver, post_event, post_reset
from hub.tail import Tail
from wire.seal import timestamp

READERS: Final = 4  # read the database at once, so that live readers keep its connections
AT_ONCE: Final = 64  # posts under way
MAX_HELD: Final = 1024 * 1024  # bytes of events that one webhook holds in memory while it is sent to


class WebhookRun:
    """Shared by all webhooks; bounds how much is read, held and sent at once."""

    def __init__(
        self, log: LiveLog, tail: Tail, sending: Sending, database: Transactions, now: Callable[[], datetime]
    ) -> None:
        self._log = log
        self._tail = tail
        self._sending = sending
        self._database = database
        self._now = now
        self._reading = asyncio.Semaphore(READERS)
        self._posting = asyncio.Semaphore(AT_ONCE)

    async def run(self, lane: Lane) -> None:
        """Send all that there is, as far as it goes; first that the log has been begun anew, if it has."""
        if lane.former is not None and not lane.outdated and not await self._reset(lane, lane.former):
            return
        while lane.position < self._tail.size and not lane.outdated:
            erasures = self._tail.erasures
            found, following = await self._next(lane)
            for event in found:
                if self._tail.erasures != erasures:
                    break  # what was read may be erased by now: it is read again
                if not await self._send(lane, partial(self._event, event=event), event.index + 1):
                    return
            else:
                lane.position = following

    async def _next(self, lane: Lane) -> tuple[Sequence[LoggedEvent], int]:
        markings = VISIBLE[lane.granted]
        async with self._reading:
            found, following = await self._log.read(lane.position, Question.of(lane.asked, markings))
        held = 0
        wanted = [event for event in found if tells_of(event, lane.asked, markings)]
        for count, event in enumerate(wanted):
            held += len(event.token) + len(event.body or b"")
            if held > MAX_HELD and count:
                return wanted[:count], wanted[count - 1].index + 1
        return wanted, following

    async def _reset(self, lane: Lane, former: str) -> bool:
        if not await self._send(lane, partial(self._anew, former=former), 0):
            return False
        lane.former = None
        return True

    async def _event(self, receiver: Receiver, now: datetime, event: LoggedEvent) -> Attempt:
        return await post_event(self._sending.egress, self._sending.keys, receiver, event, now)

    async def _anew(self, receiver: Receiver, now: datetime, former: str) -> Attempt:
        sending = self._sending
        return await post_reset(
            sending.egress, sending.keys, receiver, sending.network, now, sending.log.name, former
        )  # fmt: skip

    async def _send(
        self, lane: Lane, post: Callable[[Receiver, datetime], Awaitable[Attempt]], following: int
    ) -> bool:  # fmt: skip
        """Post one message and write down what came of it; false if the lane is not to go on now."""
        async with self._posting:
            allowed = await self._database.read(lambda connection: standing(connection, lane))
            now = self._now()
            if allowed.markings is None:
                lane.outdated = True
                if (reason := allowed.stop) is not None:
                    await self._database.write(lambda connection: recording.stop(connection, lane, reason, now))
                return False
            number = self._sending.log.number
            attempt = await post(Receiver(lane.subscription, lane.address, lane.secret, lane.rotated, number), now)
        if attempt.outcome is Outcome.DELIVERED:
            if not await self._database.write(lambda c: recording.delivered(c, lane, attempt, following, self._now())):
                lane.outdated = True
                return False
            lane.position = lane.saved = following
            lane.next_run, lane.failing_since, lane.failures = None, None, 0
            return True
        lane.next_run = await self._database.write(lambda c: recording.failed(c, lane, attempt, self._now()))
        lane.failing_since = lane.failing_since or timestamp(now)
        lane.failures += 1
        lane.outdated = lane.next_run is None
        return False
