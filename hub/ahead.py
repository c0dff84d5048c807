"""What has been pulled from the stream and waits for its transaction, in order; only so much of it at once."""

import asyncio
from collections import deque
from typing import NamedTuple

from hub.entries import Read
from wire.bus import Incoming
from wire.examine import Message


class Piece(NamedTuple):
    """What was pulled together and is being examined; `behind` is how many more the stream held then."""

    messages: list[Message]
    last: Incoming
    size: int  # bytes
    behind: int
    reading: "asyncio.Task[list[Read]]"


class Ahead:
    """A queue of pieces whose first can be looked at, for one who puts and one who takes."""

    def __init__(self, most: int, most_bytes: int) -> None:
        """Take the numbers of messages and of bytes with which it is full."""
        self._most, self._most_bytes = most, most_bytes
        self._pieces: deque[Piece] = deque()
        self._held = self._held_bytes = 0
        self._changed = asyncio.Condition()

    async def put(self, piece: Piece) -> None:
        """Append a piece, and wait as long as the queue is full with it."""
        async with self._changed:
            self._pieces.append(piece)
            self._count(piece, 1)
            self._changed.notify_all()
            await self._changed.wait_for(lambda: self._held < self._most and self._held_bytes < self._most_bytes)

    async def first(self) -> Piece:
        """The first piece, as soon as there is one; it stays."""
        async with self._changed:
            await self._changed.wait_for(lambda: bool(self._pieces))
            return self._pieces[0]

    async def take(self, most: int) -> list[Piece]:
        """Take the first piece, and those behind it that are examined, up to `most` messages together.

        With at least as many more to come those are taken too that are only being examined.
        """
        async with self._changed:
            pieces = [self._pieces.popleft()]
            room = most - len(pieces[0].messages)
            while self._pieces and len(self._pieces[0].messages) <= room:
                if self._pieces[0].behind < most and not self._pieces[0].reading.done():
                    break  # nothing is gained by waiting for it: no full batch is coming
                pieces.append(self._pieces.popleft())
                room -= len(pieces[-1].messages)
            for piece in pieces:
                self._count(piece, -1)
            self._changed.notify_all()
            return pieces

    def _count(self, piece: Piece, sign: int) -> None:
        self._held += sign * len(piece.messages)
        self._held_bytes += sign * piece.size
