"""Who has obeyed this organization's orders to erase: the hub is asked now and then until nobody is missing."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Protocol

import orjson
import structlog

from node.store import Orders
from wire import subjects
from wire.bus import BusError
from wire.encoding import from_b64url
from wire.seal import timestamp

EVERY_SECONDS = 30.0
ASK_SECONDS = 10.0
MAX_ORGANIZATIONS = 10_000

_log = structlog.get_logger()


class Asking(Protocol):
    """What is needed of the bus."""

    @property
    def connected(self) -> bool:
        """Whether there is a connection now."""

    async def request(self, subject: str, payload: bytes = b"", *, timeout: float) -> bytes:  # noqa: ASYNC109
        """Ask."""


class Confirmations:
    """Only tells what the hub says; every confirmation that it names is a statement in the log, and can be checked."""

    def __init__(
        self, organization: str, orders: Orders, bus: Asking, wall: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._organization = organization
        self._orders = orders
        self._bus = bus
        self._wall = wall

    async def run(self) -> None:
        """Ask until cancelled."""
        while True:
            if self._bus.connected:
                await self.ask()
            await asyncio.sleep(EVERY_SECONDS)

    async def ask(self) -> None:
        """Ask about the orders that are in the log and not confirmed by everybody."""
        listed = await asyncio.to_thread(self._orders.listed)
        start: int | None = min(
            (each.index for each in listed if each.index is not None and each.missing != []), default=None
        )
        while start is not None:
            question = orjson.dumps({"start": start})
            try:
                answer = await self._bus.request(
                    subjects.ask(self._organization, "erasures"), question, timeout=ASK_SECONDS
                )
                found, following = _read(answer)
            except (BusError, ValueError) as error:
                _log.info("erasures.unknown", reason=str(error))
                return
            for digest, confirmed, missing in found:
                at = timestamp(self._wall())
                await asyncio.to_thread(self._orders.note_answer, digest, confirmed, missing, at)
            start = following if following is not None and following > start else None


def _read(answer: bytes) -> tuple[list[tuple[bytes, list[dict[str, Any]], list[str]]], int | None]:
    """Read the answer: order, who confirmed, who is missing; and where to go on. ValueError for any other form."""
    document = orjson.loads(answer)
    try:
        found = [
            (
                from_b64url(each["order"], size=32),
                [
                    {"org": str(said["org"]), "index": int(said["index"])}
                    for said in each["confirmed"][:MAX_ORGANIZATIONS]
                ],
                [str(org) for org in each["missing"][:MAX_ORGANIZATIONS]],
            )
            for each in document["erasures"]
        ]
        following = document["next"]
    except (KeyError, TypeError, AttributeError):
        text = document.get("error") if isinstance(document, dict) else None
        raise ValueError(str(text or "the hub's answer is no list of erasures")[:500]) from None
    return found, following if isinstance(following, int) else None
