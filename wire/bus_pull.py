"""Reading a stream through a durable pull consumer: batches, asked for ahead, bounded, in order, across restarts."""

import asyncio
import time
from collections import deque

import orjson
import structlog

from wire.bus import Bus
from wire.bus_message import BusAway, BusError, Incoming, NoResponder, Unknown

_SECOND = 1_000_000_000
_EXPIRES = 20
_HEARTBEAT = 4
_DEAF_AFTER = 2.5 * _HEARTBEAT
_LINGER = 0.002
_QUIET = 0.03
_HEARTBEAT_STATUS = 100
_BIGGEST = 1_200_000  # the server refuses requests whose byte limit is smaller than the next message

_log = structlog.get_logger(__name__)


class Puller:
    """The reader of one durable consumer with `ack_policy` all; nobody else may read with the same durable.

    At its first use and after each reconnection it resets the consumer to what was acknowledged, so that the
    unacknowledged come again at once and in order. What was acknowledged never comes again,
    everything else may: handling it must be idempotent.
    """

    def __init__(
        self, bus: Bus, stream: str, durable: str, *, ahead: int = 2000, ahead_bytes: int = 32 * 1024 * 1024
    ) -> None:
        self._bus, self._stream, self._durable = bus, stream, durable
        self._ahead, self._ahead_bytes = ahead, ahead_bytes
        self._buffer: deque[Incoming] = deque()
        self._sizes: deque[int] = deque()  # of what is in the buffer
        self._buffered = 0
        self._asked = 0
        self._asked_bytes = 0
        self._heard = 0.0
        self._epoch = 0
        self._broken = False
        self._listening = 0
        self._subject = ""
        self._arrived = asyncio.Event()

    @property
    def held(self) -> int:
        """How many messages are held here, delivered but not yet taken."""
        return len(self._buffer)

    async def next(self, max_messages: int, wait_seconds: float) -> list[Incoming]:
        """The next messages in order, at most so many; as soon as nothing more is coming, or [] after `wait_seconds`.

        Waits out absences of the bus. BusRefused when stream or consumer are gone (the bus lost its store): make them
        again and call again.
        """
        until = time.monotonic() + wait_seconds
        while True:
            if await self._ready(until):
                self._ask_ahead_if_due()
                if self._complete(max_messages):
                    taken = self._take(max_messages)
                    self._ask_ahead_if_due()
                    return taken
            if time.monotonic() >= until:
                return self._take(max_messages)
            await self._wait(until)

    async def ack_through(self, incoming: Incoming, *, seconds: float = 5.0) -> bool:
        """Acknowledge this message and all before it; False when that is not certain (then they come again)."""
        if incoming.epoch != self._epoch or incoming.epoch != self._bus.epoch:
            return False  # numbers of an earlier delivery would acknowledge the wrong messages
        try:
            await self._bus.request(incoming.reply, b"+ACK", timeout=seconds)
        except BusError as error:
            _log.info("bus.ack_lost", stream=self._stream, reason=str(error))
            return False
        return True

    def close(self) -> None:
        """Stop listening; what is held comes again to the next reader."""
        self._bus.unlisten(self._listening)
        self._forget()
        self._epoch = 0

    async def _ready(self, until: float) -> bool:
        if self._epoch and self._epoch == self._bus.epoch and not self._broken:
            return True
        if self._broken:
            await asyncio.sleep(_QUIET)
        if not await self._bus.wait_connected(max(until - time.monotonic(), 0.001)):
            return False
        epoch = self._bus.epoch
        self._bus.unlisten(self._listening)
        self._forget()
        self._asked = self._asked_bytes = 0
        try:
            # The reset of a consumer that is not there would never be answered.
            await self._bus.api(f"CONSUMER.INFO.{self._stream}.{self._durable}", {})
            await self._bus.api(f"CONSUMER.RESET.{self._stream}.{self._durable}", {})
        except (BusAway, NoResponder, Unknown) as error:
            _log.info("bus.pull_waits", stream=self._stream, reason=str(error))
            await asyncio.sleep(_QUIET)
            return False
        # A subject of its own for each epoch: late deliveries of the one before go nowhere.
        self._subject = self._bus.new_inbox()
        self._listening = self._bus.listen(self._subject, self._take_in)
        self._epoch, self._broken = epoch, False
        return self._epoch == self._bus.epoch

    def _take_in(self, incoming: Incoming) -> None:
        self._heard = time.monotonic()
        if incoming.reply.startswith("$JS.ACK."):
            size = incoming.size
            self._buffer.append(incoming)
            self._sizes.append(size)
            self._buffered += size
            self._asked = max(self._asked - 1, 0)
            self._asked_bytes = max(self._asked_bytes - size, 0)
        elif left_over := incoming.header("Nats-Pending-Messages"):  # the end of a request
            self._asked = max(self._asked - int(left_over), 0)
        elif incoming.status != _HEARTBEAT_STATUS:
            # Consumer or stream are gone, or what they are is not known: begin again, which tells.
            _log.info("bus.pull_broken", stream=self._stream, status=incoming.status)
            self._asked = 0
            self._broken = True
        if not self._asked:
            self._asked_bytes = 0
        self._arrived.set()

    def _ask_ahead_if_due(self) -> None:
        if self._asked and time.monotonic() - self._heard > _DEAF_AFTER:
            _log.warning("bus.pull_deaf", stream=self._stream, asked=self._asked)
            self._asked = self._asked_bytes = 0
        room = self._ahead - len(self._buffer) - self._asked
        room_bytes = self._ahead_bytes - self._buffered - self._asked_bytes
        if 2 * room < self._ahead or room_bytes < max(self._ahead_bytes // 2, _BIGGEST):
            return
        self._asked += room
        self._asked_bytes += room_bytes
        self._heard = time.monotonic()
        wanted = {
            "batch": room,
            "max_bytes": room_bytes,
            "expires": _EXPIRES * _SECOND,
            "idle_heartbeat": _HEARTBEAT * _SECOND,
        }
        try:
            self._bus.send_now(
                f"$JS.API.CONSUMER.MSG.NEXT.{self._stream}.{self._durable}", orjson.dumps(wanted), self._subject
            )
        except BusAway:
            self._broken = True  # the connection ended in this moment: begin anew with the next one

    def _complete(self, max_messages: int) -> bool:
        if not self._buffer:
            return False
        return (
            len(self._buffer) >= max_messages
            or not self._asked
            or not self._buffer[-1].pending
            or time.monotonic() - self._heard > _QUIET
        )

    def _take(self, max_messages: int) -> list[Incoming]:
        taken = [self._buffer.popleft() for _ in range(min(max_messages, len(self._buffer)))]
        self._buffered -= sum([self._sizes.popleft() for _ in taken])
        return taken

    def _forget(self) -> None:
        self._buffer.clear()
        self._sizes.clear()
        self._buffered = 0

    async def _wait(self, until: float) -> None:
        if self._buffer:
            # More is coming: one wake-up for many chunks costs less than one for each.
            await asyncio.sleep(_LINGER)
            return
        self._arrived.clear()
        try:
            async with asyncio.timeout(max(min(until - time.monotonic(), 1.0), 0.001)):
                await self._arrived.wait()
        except TimeoutError:
            return
