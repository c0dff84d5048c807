"""Sends what is subscribed: reads new log entries once for all, and brings each target on from its own place."""

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Any, Final

import structlog
from sqlalchemy import Connection, Engine

from hub.clock import utc_now
from hub.live import LiveLog
from hub.subscriptions import lanes as lanes_of
from hub.subscriptions import recording, store
from hub.subscriptions.backoff import delay
from hub.subscriptions.confirming import ConfirmationRun
from hub.subscriptions.digest_run import DigestRun
from hub.subscriptions.lanes import Lane
from hub.subscriptions.noticing import NoticeRun
from hub.subscriptions.owner_round import OwnerRound
from hub.subscriptions.recipients import end_again, forget_expired
from hub.subscriptions.sending import Sending
from hub.subscriptions.states import Reason
from hub.subscriptions.transactions import Transactions
from hub.subscriptions.webhook_run import WebhookRun
from hub.tail import Tail
from wire.database import reading
from wire.seal import timestamp

POLL_SECONDS: Final = 0.5
TOGETHER_SECONDS: Final = 0.05
SAVE_SECONDS: Final = 60.0
_log = structlog.get_logger()


class Worker:
    """One part of the running hub. `figures` are those of its last look."""

    def __init__(
        self, engine: Engine, tail: Tail, sending: Sending, now: Callable[[], datetime] = utc_now
    ) -> None:  # fmt: skip
        self._database = Transactions(engine)
        self._tail = tail
        self._now = now
        self._log = LiveLog(reading(engine), tail)
        self._lanes: dict[int, Lane] = {}
        self._running: dict[int, asyncio.Task[None]] = {}
        self._digests: asyncio.Task[None] | None = None
        self._version = -1
        self._saved_at: datetime | None = None
        self._name = sending.log.name
        self._adopted = False
        self._unsubscribed = sending.unsubscribed
        self.figures = sending.figures
        self._webhooks = WebhookRun(self._log, tail, sending, self._database, now)
        self._confirmations = ConfirmationRun(sending, self._database, now)
        self._notices = NoticeRun(sending, self._database, now)
        self._owners = OwnerRound(self._database, now)
        self._confirming: asyncio.Task[bool] | None = None
        self._write_failures = 0
        self._write_after: datetime | None = None  # to people
        self._asking = self._asked = -1  # the version that those who are asked, and were asked, belong to
        self._mails = DigestRun(self._log, tail, sending, self._database, now)

    async def run(self) -> None:
        """Send until cancelled; a database that is away for a moment delays, and loses nothing."""
        try:
            while not self._tail.closed:
                size = self._tail.size
                try:
                    await self.look()
                except Exception as error:  # noqa: BLE001 - what goes wrong here must not stop the log
                    _log.warning("subscriptions.wait", reason=type(error).__name__, what="tried again; nothing is lost")
                with suppress(TimeoutError):
                    async with asyncio.timeout(POLL_SECONDS):
                        await self._tail.wait_beyond(size)
                await asyncio.sleep(TOGETHER_SECONDS)  # what is logged in a burst is looked at once
        finally:
            await self.stop()

    async def stop(self) -> None:
        """End what is under way; what was sent and not yet written down is sent again, under the same id."""
        tasks = self._under_way()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def look(self) -> None:
        """Learn what has changed, and start what is due."""
        now = self._now()
        await self._load(now)
        at = timestamp(now)
        for lane in list(self._lanes.values()):
            if lane.channel == "webhook" and lane.number not in self._running and self._is_due(lane, at):
                self._start(lane)
        if self._digests is None or self._digests.done():
            due = [lane for lane in self._lanes.values() if lane.channel == "mail" and self._is_due(lane, at)]
            if due and self._mails.sends:
                self._digests = asyncio.create_task(self._mails.run(due), name="digests")
                self._digests.add_done_callback(_tell_error)
        self._confirm()
        await self._save(now)
        if await self._owners.go_on():
            await asyncio.to_thread(self._unsubscribed.forget, now)
        self._tell()

    def _confirm(self) -> None:
        task = self._confirming
        if task is not None and not task.done():
            return
        if task is not None and not task.cancelled():
            if task.exception() is not None:  # what was sent may not be written down: not again at once
                self._write_failures += 1
                self._write_after = self._now() + delay(self._write_failures)
            else:
                self._write_failures, self._write_after = 0, None
                if task.result():
                    self._asked = self._asking
        self._confirming = None
        if self._asked != self._version and (self._write_after is None or self._write_after <= self._now()):
            self._asking = self._version
            self._confirming = asyncio.create_task(self._write_to_people(), name="confirmations")
            self._confirming.add_done_callback(_tell_error)

    async def _write_to_people(self) -> bool:
        """Ask who is to be asked, and tell who is to be told; false if some are still waiting for it."""
        asked = await self._confirmations.run()
        return await self._notices.run() and asked

    def _under_way(self) -> list[asyncio.Task[Any]]:
        others = (self._digests, self._confirming)
        return [*self._running.values(), *(task for task in others if task is not None and not task.done())]

    async def settle(self) -> None:
        """Look, and wait until all that this started has ended: for tests, and for whoever drives it by hand."""
        await self.look()
        while tasks := self._under_way():
            for ended in await asyncio.gather(*tasks, return_exceptions=True):
                if isinstance(ended, Exception):
                    raise ended
            await asyncio.sleep(0)
        await self._load(self._now())
        self._tell()

    def _is_due(self, lane: Lane, at: str) -> bool:
        return not lane.outdated and lane.position < self._tail.size and (lane.next_run is None or lane.next_run <= at)

    def _start(self, lane: Lane) -> None:
        task = asyncio.create_task(self._webhooks.run(lane), name=f"webhook {lane.subscription}")
        self._running[lane.number] = task
        task.add_done_callback(lambda ended: self._ended(lane, ended))

    def _ended(self, lane: Lane, task: asyncio.Task[None]) -> None:
        self._running.pop(lane.number, None)
        if not task.cancelled() and task.exception() is not None:
            lane.put_off(self._now())
        _tell_error(task)

    async def _load(self, now: datetime) -> None:
        def read(connection: Connection) -> tuple[int, list[Lane] | None, Counter[str]]:
            version = store.version(connection)
            if version == self._version:
                return version, None, self.figures.states
            return version, lanes_of.load_lanes(connection, self._name), lanes_of.states(connection)

        if not self._adopted:
            await self._database.write(lambda connection: self._adopt(connection, now))
            self._adopted = True
        version, found, states = await self._database.read(read)
        if found is None:
            return
        kept: dict[int, Lane] = {}
        for lane in found:
            known = self._lanes.get(lane.number)
            same = known is not None and known.edition == lane.edition and not known.outdated
            kept[lane.number] = known if known is not None and same else lane
            kept[lane.number].name = lane.name
        for number, lane in self._lanes.items():
            if kept.get(number) is not lane:
                lane.outdated = True
        self._lanes, self._version, self.figures.states = kept, version, states
        await self._stop_beyond(now)

    def _adopt(self, connection: Connection, now: datetime) -> None:
        recording.adopt(connection, self._name)
        if again := end_again(connection, self._unsubscribed, now):
            _log.warning("subscriptions.ended_again", recipients=again, what="the database is older than their wish")

    async def _stop_beyond(self, now: datetime) -> None:
        """A place beyond the end of the log comes from a log that was longer: to go on there would skip events."""
        beyond = [lane for lane in self._lanes.values() if lane.position > self._tail.size]
        for lane in beyond:
            lane.outdated = True

        def write(connection: Connection) -> None:
            for lane in beyond:
                recording.stop(connection, lane, Reason.CURSOR_BEYOND_LOG, now)

        if beyond:
            await self._database.write(write)

    async def _save(self, now: datetime) -> None:
        if self._saved_at is not None and (now - self._saved_at).total_seconds() < SAVE_SECONDS:
            return
        self._saved_at = now
        moved = [
            lane
            for lane in self._lanes.values()
            if lane.position != lane.saved and lane.number not in self._running and not lane.outdated
            and lane.former is None  # its place is of this log once it has been told
        ]  # fmt: skip

        def write(connection: Connection) -> None:
            recording.save_positions(connection, moved)
            forget_expired(connection, now)

        await self._database.write(write)
        for lane in moved:
            lane.saved = lane.position

    def _tell(self) -> None:
        failing = [lane.failing_since for lane in self._lanes.values() if lane.failing_since is not None]
        self.figures.failing_since = min(failing, default=None)
        self.figures.positions = {number: lane.position for number, lane in self._lanes.items()}


def _tell_error(task: asyncio.Task[Any]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        _log.warning("subscription.waits", what=task.get_name(), reason=type(error).__name__)
