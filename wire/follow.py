"""Following a hub's events: each once and in order, over broken connections and restarts, from a kept place."""

import random
import re
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import orjson

from wire.client import HubAway, HubClient, HubError, Params
from wire.cursor import MAX_INDEX

FIRST_WAIT: Final = 0.5
LONGEST_WAIT: Final = 30.0
EVENTS: Final = "liaison."  # how the types of all events begin
LIVE: Final = "live"
RESET: Final = "reset"
_INDEX: Final = re.compile(r"-1|[0-9]{1,19}")  # -1 is the place before the first entry
MAX_EVENT: Final = 4 * 1024 * 1024  # characters; the longest body has 256 KiB


class HubWentBack(HubError):
    """The hub's log is shorter than what this reader has seen: it lost events, or another hub answers."""


class TooFarBehind(HubError):
    """The hub does not go back as far as this reader stands."""


@dataclass(frozen=True, slots=True)
class Event:
    """One logged event: its place in the log, its type, and the CloudEvent as it came."""

    index: int
    type: str
    document: bytes

    def read(self) -> dict[str, Any]:
        """Give the CloudEvent's members."""
        members: dict[str, Any] = orjson.loads(self.document)
        return members


class Block(NamedTuple):
    """One block of a stream; without data it only says where the reader stands."""

    id: str | None
    type: str
    data: str | None


def blocks(lines: Iterable[str]) -> Iterator[Block]:
    """Read a stream of events (HTML standard, section 9.2.6); HubAway for one that is too long."""
    id_: str | None = None
    type_, size = "message", 0
    data: list[str] = []
    for line in lines:
        if not line:
            yield Block(id_, type_, "\n".join(data) if data else None)
            id_, type_, data, size = None, "message", [], 0
            continue
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        size += len(line) + 1  # the empty ones too
        if size > MAX_EVENT:
            raise HubAway(f"an event of more than {MAX_EVENT} characters; this is not how a hub speaks")
        if name == "data":
            data.append(value)
        elif name == "id":
            id_ = value
        elif name == "event":
            type_ = value


class Follower:
    """Gives events for as long as it is read. `after` is the last index seen; None begins with what comes now.

    With `snapshot`, a reader without a place first gets the current event of every record. `log` names the log that
    `after` is from, if that is known; it is known once a hub has answered.
    """

    def __init__(
        self,
        client: HubClient,
        filters: Params,
        after: int | None = None,
        on_state: Callable[[str], None] = lambda _text: None,
        wait: Callable[[float], None] = time.sleep,
        *,
        snapshot: bool = False,
        log: str | None = None,
    ) -> None:
        self.after = after
        self.log = log
        self._snapshot = snapshot
        self._client = client
        self._filters = filters
        self._say = on_state
        self._wait = wait
        self._failures = 0

    def events(self) -> Iterator[Event]:
        """Connect, and connect again with growing pauses; HubWentBack, TooFarBehind or HubRefused end it."""
        while True:
            try:
                yield from self._connection()
                self._say("The hub ended the stream; connecting again.")
            except HubAway as error:
                if not self._failures:  # once for each outage, however long it lasts
                    self._say(f"{error}; trying again until it does.")
            pause = min(LONGEST_WAIT, FIRST_WAIT * 2**self._failures)
            self._failures += 1
            # Readers of a hub that restarts must not all come back in the same moment.
            self._wait(pause * (0.5 + random.random() / 2))  # noqa: S311 - no secret

    def _connection(self) -> Iterator[Event]:
        with self._client.stream(self._asked(), self.after) as opened:
            self.log = opened.log if self.after is None else self.log or opened.log
            for block in blocks(opened.lines):
                if block.type == RESET:
                    raise _ended(block.data, self.after)
                index = _index(block.id)
                if self._failures and index is not None:
                    self._failures = 0
                    self._say("Connected." if self.after is None else "Connected again; nothing was missed.")
                if block.type == LIVE:
                    self._say("All records as they stand now have come; from here on comes what is new.")
                if index is None or (self.after is not None and index <= self.after):
                    continue  # seen before, or no more than a sign of life
                if block.data is not None and block.type.startswith(EVENTS):
                    yield _event(index, block.type, block.data.encode())
                self.after = index

    def _asked(self) -> Params:
        more: dict[str, str] = {"snapshot": "true"} if self._snapshot else {}
        if self.after is not None and self.log is not None:
            more["log"] = self.log
        return {**self._filters, **more}


def _ended(data: str | None, after: int | None) -> HubError:
    """Say why a hub does not go on where its reader stands."""
    try:
        said = orjson.loads(data or "")
        reason, detail = str(said["reason"]), str(said["detail"])
    except (orjson.JSONDecodeError, KeyError, TypeError):
        raise HubAway("a reset that does not say why; this is not how a hub speaks") from None
    if reason == "too-old":
        return TooFarBehind(f"{detail} `liaison watch --snapshot` does, without the cursor file")
    return HubWentBack(
        f"Index {after} was read from this hub before, and it does not go on from there. {detail} Keep what you have, "
        "and ask the hub's operator"
    )


def _index(text: str | None) -> int | None:
    if text is None:
        return None
    if not _INDEX.fullmatch(text) or int(text) > MAX_INDEX:
        raise HubAway(f"an event with the id {text[:40]!r}; this is not how a hub speaks")
    return int(text)


def _event(index: int, type_: str, document: bytes) -> Event:
    """Give an event if it has the members that every one has."""
    try:
        members = orjson.loads(document)
    except orjson.JSONDecodeError:
        members = None
    known = isinstance(members, dict) and all(
        isinstance(members.get(name), str) for name in ("subject", "time", "type")
    )
    if not known or members["subject"].count("/") < 2:
        raise HubAway(f"an event {index} that is none; this is not how a hub speaks")
    return Event(index, type_, document)
