"""Sends the mails that are due: the log is read once for all of them, and each recipient has a place of its own."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from hub.access import VISIBLE, Role
from hub.filters import Live
from hub.live import LiveLog, Question
from hub.subscriptions import recording
from hub.subscriptions.backoff import MAIL_GAP
from hub.subscriptions.choosing import tells_of
from hub.subscriptions.digests import Digest
from hub.subscriptions.lanes import Lane, standing
from hub.subscriptions.recording import Attempt
from hub.subscriptions.sending import Sending
from hub.subscriptions.states import Outcome
from hub.subscriptions.transactions import Transactions
from hub.tail import Tail
from wire.seal import timestamp

MAX_DUE: Final = 200  # gathered in memory at once
AT_ONCE: Final = 4  # mails under way
SAME_PART: Final = 10_000  # entries: who stands this near to one another is served by one reading of the log


class _Part(NamedTuple):
    """One reading of the log for several: up to where it was read, and after how many erasures."""

    stop: int
    erasures: int


class DigestRun:
    """Shared by all mails."""

    def __init__(
        self, log: LiveLog, tail: Tail, sending: Sending, database: Transactions, now: Callable[[], datetime]
    ) -> None:
        self._log = log
        self._tail = tail
        self._mailer = sending.mailer
        self._mails = sending.mails()
        self._database = database
        self._now = now

    @property
    def sends(self) -> bool:
        """Whether this hub sends mail."""
        return self._mailer is not None

    async def run(self, due: Sequence[Lane]) -> None:
        """Send to all that are due; those that are far behind are read for apart."""
        parts: dict[int, list[Lane]] = defaultdict(list)
        for lane in due[:MAX_DUE]:
            parts[lane.position // SAME_PART].append(lane)
        for lanes in parts.values():
            part = _Part(self._tail.size, self._tail.erasures)
            gathered = await self._gather(lanes, part.stop)
            limit = asyncio.Semaphore(AT_ONCE)
            ended = await asyncio.gather(
                *(self._finish(lane, gathered[lane.number], part, limit) for lane in lanes), return_exceptions=True
            )
            self._raise_first(lanes, ended)

    def _raise_first(self, lanes: Sequence[Lane], ended: Sequence[BaseException | None]) -> None:
        """Tell of what should not happen after all others have had their mail; who met it waits a while."""
        errors = [error for error in ended if error is not None]
        for lane, error in zip(lanes, ended, strict=True):
            if error is not None:
                lane.put_off(self._now(), MAIL_GAP)
        if errors:
            raise errors[0]

    async def _gather(self, lanes: Sequence[Lane], stop: int) -> dict[int, Digest]:
        found = {lane.number: Digest() for lane in lanes}
        alone = lanes[0] if len(lanes) == 1 else None
        asked = alone.asked if alone else Live.model_validate({})
        question = Question.of(asked, VISIBLE[alone.granted if alone else Role.MEMBER])
        position = min(lane.position for lane in lanes)
        while position < stop:
            events, following = await self._log.read(position, question)
            for event in events:
                if event.index >= stop:
                    break
                for lane in lanes:
                    if event.index >= lane.position and tells_of(event, lane.asked, VISIBLE[lane.granted]):
                        found[lane.number].add(event)
            position = following
            await asyncio.sleep(0)  # the pages and the intake go on meanwhile
        return found

    async def _finish(self, lane: Lane, digest: Digest, part: _Part, limit: asyncio.Semaphore) -> None:
        if not digest.count:
            await self._go_on(lane, part.stop)
            return
        async with limit:
            await self._send(lane, digest, part)

    async def _go_on(self, lane: Lane, stop: int) -> None:
        """Go on without a mail: a digest of nothing is not sent."""
        if lane.rhythm != "at-once":
            if not await self._database.write(lambda c: recording.nothing_to_say(c, lane, stop, self._now())):
                lane.outdated = True
                return
            lane.next_run, lane.saved = recording.next_run(lane, self._now()), stop
        else:
            lane.next_run = None  # the worker saves its place now and then: there are many, and each entry is looked at
        lane.position = stop

    async def _send(self, lane: Lane, digest: Digest, part: _Part) -> None:
        allowed = await self._database.read(lambda connection: standing(connection, lane))
        now = self._now()
        if allowed.markings is None or self._mailer is None:
            lane.outdated = True
            if (reason := allowed.stop) is not None:
                await self._database.write(lambda connection: recording.stop(connection, lane, reason, now))
            return
        if self._tail.erasures != part.erasures:
            return  # what was gathered may name what was erased: it is gathered again at the next look
        message = self._mails.digest(lane, digest, now)
        handed = await self._mailer.send(message)
        attempt = Attempt(
            "digest", str(message["Message-ID"]).strip("<>")[:80], digest.last, handed.outcome, handed.status,
            handed.milliseconds, handed.text,
        )  # fmt: skip
        if handed.outcome is Outcome.DELIVERED:
            if not await self._database.write(lambda c: recording.delivered(c, lane, attempt, part.stop, self._now())):
                lane.outdated = True
                return
            lane.position = lane.saved = part.stop
            lane.former = None
            lane.next_run, lane.failing_since, lane.failures = recording.next_run(lane, self._now()), None, 0
            return
        lane.next_run = await self._database.write(lambda c: recording.failed(c, lane, attempt, self._now()))
        lane.failing_since = lane.failing_since or timestamp(now)
        lane.failures += 1
        lane.outdated = lane.next_run is None
