"""What the hub answers on the bus: heads that nodes announce, and the questions they ask."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import orjson
import structlog

from hub.intake import DURABLE, Intake
from hub.questions import QUESTIONS, Questions
from hub.receipting import Receipts
from wire import jws, subjects
from wire.bus import Bus, BusError, Incoming
from wire.receipts import open_head
from wire.registry import Registry
from wire.seal import timestamp

CATCH_UP_SECONDS = 20.0
MAX_HEAD_BYTES = 4096

_log = structlog.get_logger()


class Answers:
    """Serves heads.* and ask.*.>; the bus itself pins the organization in the subject to the account that speaks."""

    def __init__(
        self, network: str, bus: Bus, registry: Callable[[], Registry], receipts: Receipts, intake: Intake,
        questions: Questions,
    ) -> None:  # fmt: skip
        self._network = network
        self._bus = bus
        self._registry = registry
        self._receipts = receipts
        self._intake = intake
        self._questions = questions
        self._heads: dict[str, dict[str, Any]] = {}

    async def start(self) -> None:
        """Listen."""
        await self._bus.subscribe("heads.*", self._head)
        await self._bus.answer("ask.*.>", self._answer)

    def take_heads(self) -> list[dict[str, Any]]:
        """Give the heads that came since the last call, for the tables."""
        heads, self._heads = list(self._heads.values()), {}
        return heads

    async def _head(self, incoming: Incoming) -> None:
        organization, payload = incoming.subject.split(".")[1], incoming.body
        member = self._registry().members.get(organization)
        if member is None or len(payload) > MAX_HEAD_BYTES:
            return
        # By what is valid now: a key that was replaced or revoked says nothing any more.
        for period in [each for each in reversed(member.keys) if each.end is None]:
            try:
                head = open_head(payload, period.key, self._network, organization)
            except jws.Malformed as error:
                _log.info("head.refused", organization=organization, reason=str(error))
                continue
            now = datetime.now(UTC)
            self._heads[organization] = {
                "organization": organization,
                "head_sequence": head.sequence,
                "head_at": timestamp(now),
                "software": head.software[:200],
                "clock_skew": _skew(head.clock, now),
            }
            self._receipts.ask_for({organization})
            return

    async def _answer(self, subject: str, payload: bytes, _headers: Any) -> bytes:
        _, organization, what = subject.split(".", 2)
        if what == "ping":
            return orjson.dumps({"pong": timestamp(datetime.now(UTC)), "network": self._network})
        if what == "head":
            await self._catch_up()
            return await self._receipts.answer(organization)
        if what in QUESTIONS:
            return await asyncio.to_thread(self._questions.answer, organization, what, payload)
        return orjson.dumps({"error": f"this hub does not answer {what[:40]!r}; docs/bus.md says what it answers"})

    async def _catch_up(self) -> None:
        """Wait until all that the bus held when the question came has been processed."""
        try:
            last = (await self._bus.stream_state(subjects.EVENTS_STREAM)).last
            if await self._nothing_waits():
                return  # so it is after a restart, when the intake has not moved yet
            async with asyncio.timeout(CATCH_UP_SECONDS), self._intake.moved:
                await self._intake.moved.wait_for(lambda: self._intake.position >= last)
        except (BusError, TimeoutError) as error:
            _log.info("answer.early", reason=str(error), what="the head is given as it stands")

    async def _nothing_waits(self) -> bool:
        found = await self._bus.api(f"CONSUMER.INFO.{subjects.EVENTS_STREAM}.{DURABLE}", {})
        return not found["num_pending"] and not found["num_ack_pending"]


def _skew(clock: str, now: datetime) -> int | None:
    try:
        said = datetime.fromisoformat(clock)
        seconds = int((said - now).total_seconds())
    except (ValueError, TypeError, OverflowError):
        return None
    return max(-(2**31) + 1, min(2**31 - 1, seconds))
