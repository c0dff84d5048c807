"""Brings checkpoints and receipts from the bus to the witness, and its cosignatures back to the hub."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

import structlog

from node.log_reader import Unreadable
from node.witness import Cosignature, Witness
from node.witness_file import BadWitnessFile
from wire import subjects
from wire.bus import BusError, Incoming
from wire.receipts import Receipt

ASK_SECONDS = 15.0
NEWEST_SECONDS = 60.0  # so that a log that has gone back is noticed, and a lost announcement made good
PAUSE_SECONDS = 2.0
MAX_WAITING = 200  # announcements

_log = structlog.get_logger()


class Line(Protocol):
    """What is needed of the bus."""

    @property
    def epoch(self) -> int:
        """The number of the connection; 0 while there is none."""

    async def wait_connected(self, seconds: float) -> bool:
        """Wait for a connection."""

    async def publish(self, subject: str, payload: bytes) -> None:
        """Send without confirmation."""

    async def request(self, subject: str, payload: bytes = b"", *, timeout: float) -> bytes:  # noqa: ASYNC109
        """Ask."""

    async def subscribe(self, subject: str, handler: Callable[[Incoming], Awaitable[None]]) -> Any:
        """Listen."""


def asking(bus: Line, organization: str) -> Callable[[str, bytes], Awaitable[bytes]]:
    """Give the way in which an organization asks the hub over a bus."""

    async def ask(what: str, question: bytes) -> bytes:
        return await bus.request(subjects.ask(organization, what), question, timeout=ASK_SECONDS)

    return ask


class Cosigning:
    """Runs until cancelled; what cannot be judged now is asked for again."""

    def __init__(
        self, organization: str, bus: Line, witness: Witness, trouble: Callable[[str | None], Any],
        settled: Callable[[], Awaitable[int]],
    ) -> None:  # fmt: skip
        self._subject = subjects.witness(organization)
        self._bus = bus
        self._witness = witness
        self._trouble = trouble
        self._settled = settled  # how many alarms a person has settled
        self._said: str | None = None
        self._notes: deque[bytes] = deque(maxlen=MAX_WAITING)
        self._receipt: Receipt | None = None
        self._wake = asyncio.Event()

    def received(self, receipt: Receipt) -> None:
        """Take a receipt that was verified; the newest replaces one that still waits, unless only that has a proof."""
        if self._receipt is None or receipt.proof or not self._receipt.proof:
            self._receipt = receipt
        self._wake.set()

    async def run(self) -> None:
        """Listen, and ask on each new connection, now and then, and when an alarm was settled."""
        await self._bus.subscribe(subjects.CHECKPOINTS, self._announced)
        loop = asyncio.get_running_loop()
        epoch, asked, settled = 0, 0.0, await self._settled()
        while True:
            if not await self._bus.wait_connected(1.0):
                continue
            before, settled = settled, await self._settled()
            if settled != before:
                epoch = 0
                _log.info("alarms.settled", what="the log's newest checkpoint is asked for, and judged as any other")
            try:
                if epoch != self._bus.epoch or loop.time() - asked > NEWEST_SECONDS:
                    epoch, asked = self._bus.epoch, loop.time()
                    await self._answer(await self._witness.ask_newest())
                await self._work()
                await self._say(None)
            except (BusError, Unreadable, BadWitnessFile) as error:
                await self._say(str(error))
                epoch = 0
                await asyncio.sleep(PAUSE_SECONDS)
                continue
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(1.0):
                    await self._wake.wait()
            self._wake.clear()

    async def _work(self) -> None:
        while self._notes:
            await self._answer(await self._witness.consider(self._notes.popleft()))
        receipt, self._receipt = self._receipt, None
        if receipt is not None:
            try:
                await self._witness.take_receipt(receipt)
            except (BusError, Unreadable):
                self._receipt = self._receipt or receipt
                raise

    async def _announced(self, incoming: Incoming) -> None:
        self._notes.append(incoming.body)
        self._wake.set()

    async def _answer(self, cosignature: Cosignature | None) -> None:
        if cosignature is not None:
            await self._bus.publish(self._subject, cosignature.payload)

    async def _say(self, trouble: str | None) -> None:
        if trouble != self._said:
            self._said = trouble
            if trouble is not None:
                _log.info("log.waits", reason=trouble)
            await self._trouble(trouble)
