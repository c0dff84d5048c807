"""Reads the followed log piece by piece, with the bodies that are to be held, examined in worker processes ahead."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from hub.entries import Read
from hub.examiners import Examiners
from hub.following.choice import Choice
from hub.following.refusal import LogRefused
from schemas.release import FOR_NAMED
from schemas.statement import CONTROL
from wire.audit.entries import Named, named_by
from wire.encoding import b64url
from wire.examine import Message
from wire.log_source import LogSource, has_hash
from wire.tiles import WIDTH, width_in

PIECE: Final = 4 * WIDTH
AHEAD: Final = 2  # pieces that are fetched and examined while another one is judged


@dataclass(frozen=True, slots=True)
class Shown:
    """One entry as the followed hub shows it. `wanted`: its body is to be held here, and was asked for."""

    message: Message
    read: Read
    wanted: bool


@dataclass(frozen=True, slots=True)
class Fetched:
    """Entries from index `first` on with their bodies, and which of those were wanted."""

    first: int
    messages: list[Message]
    wanted: list[bool]


class Reader:
    """For the event loop; what waits for the network or a processor does so elsewhere."""

    def __init__(self, source: LogSource, choice: Choice, examiners: Examiners) -> None:
        self._source = source
        self._choice = choice
        self._examiners = examiners

    async def pieces(
        self, start: int, end: int, packed_keys: Callable[[], bytes]
    ) -> AsyncGenerator[tuple[int, list[Shown]], None]:
        """Give the entries from `start` to before `end` in pieces, each with its first index.

        `packed_keys` gives the keys known by now. LogError where something is not there, LogRefused for a wrong body.
        """
        waiting: deque[asyncio.Task[tuple[int, list[Shown]]]] = deque()
        bounds = [start, *range((start // PIECE + 1) * PIECE, end, PIECE), end]
        try:
            for first, stop in pairwise(bounds):
                waiting.append(asyncio.create_task(self._piece(first, stop, end, packed_keys)))
                if len(waiting) > AHEAD:
                    yield await waiting.popleft()
            while waiting:
                yield await waiting.popleft()
        finally:
            for task in waiting:
                task.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)

    async def bodies(self, tokens: Sequence[bytes]) -> list[Message]:
        """Ask again for the bodies of these entries; LogRefused for a wrong one."""
        return (await asyncio.to_thread(self._fetch_bodies, 0, tokens)).messages

    async def _piece(
        self, first: int, stop: int, end: int, packed_keys: Callable[[], bytes]
    ) -> tuple[int, list[Shown]]:
        fetched = await asyncio.to_thread(self._fetch, first, stop, end)
        reads = await self._examiners.read(packed_keys(), fetched.messages)
        return first, [Shown(*each) for each in zip(fetched.messages, reads, fetched.wanted, strict=True)]

    def _fetch(self, first: int, stop: int, end: int) -> Fetched:
        tokens: list[bytes] = []
        for number in range(first // WIDTH, -(-stop // WIDTH)):
            bundle = self._source.entries(number, width_in(0, number, end))
            tokens += bundle[max(0, first - number * WIDTH) : stop - number * WIDTH]
        return self._fetch_bodies(first, tokens)

    def _fetch_bodies(self, first: int, tokens: Sequence[bytes]) -> Fetched:
        named = [named_by(token) for token in tokens]
        wanted = [each is not None and self._is_wanted(each) for each in named]
        asked = [
            place
            for place, each in enumerate(named)
            if wanted[place] or (each is not None and each[2] == CONTROL.encode())
        ]
        hashes = [each[0] for place in asked if (each := named[place]) is not None]
        bodies = dict(zip(asked, self._source.bodies(hashes), strict=True))
        for place, datahash in zip(asked, hashes, strict=True):
            _check(bodies[place], datahash, first + place, tokens[place])
        messages = [
            Message(each[3], each[2].decode(), token, bodies.get(place)) if each else Message("", "", token, None)
            for place, (token, each) in enumerate(zip(tokens, named, strict=True))
        ]
        return Fetched(first, messages, wanted)

    def _is_wanted(self, named: Named) -> bool:
        """Events about no record are asked for in any case: what follows from them must be known."""
        _, marking, kind, organization, _ = named
        if kind == CONTROL.encode() or marking in FOR_NAMED or not self._source.may_read(marking):
            return False
        return self._choice.asks_for(kind.decode(), organization)


def _check(body: bytes | None, datahash: bytes, index: int, token: bytes) -> None:
    if body is not None and not has_hash(body, datahash):
        # The bytes themselves are not kept: they may be anything, and are nobody's.
        raise LogRefused(
            "body-altered", f"{len(body)} bytes with another SHA-256 as the body of entry {index}",
            f"a body with SHA-256 {b64url(datahash)}, as its author signed", index=index, token=token,
        )  # fmt: skip
