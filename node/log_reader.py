"""Reads the log from its first entry on, in batches; after a crash it goes on from the last one."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import orjson
import structlog

from node.alarms import Finding
from node.log_fold import BadEntries, LogFold, LoggedOrder, RegistryHistory
from node.own_entries import judge_own, unkept
from node.own_keys import NOTHING, JudgedKeys
from node.registered_keys import KeysRegistered
from node.store.log import LogStore, Position
from wire.canonical import canonical
from wire.checkpoint import Witnesses
from wire.encoding import from_b64url
from wire.examine import MAX_TOKEN
from wire.keys import PublicKey
from wire.merkle import Frontier
from wire.registry import Registry
from wire.trust import Trust

MAX_ENTRIES = 1000  # in one answer

_log = structlog.get_logger()

Ask = Callable[[str, bytes], Awaitable[bytes]]  # (what, question) → answer, as on ask.<org>.<what>
Look = Callable[[int, Sequence[bytes], Registry], None]  # (first index, tokens, the registry after them)
JudgeKeys = Callable[[Sequence[KeysRegistered]], JudgedKeys]
InThread = Callable[..., Awaitable[Any]]


class Unreadable(Exception):
    """The log cannot be read on now; the message says why. Nothing is lost, reading goes on later."""


class LogReader:
    """One reader for a database. What touches the database runs in the one thread of `in_thread`."""

    def __init__(
        self, trust: Trust, organization: str, key: PublicKey, store: LogStore, ask: Ask, in_thread: InThread,
        sound: Callable[[list[Finding]], None], clock: Callable[[], str], look: Look | None = None,
        obey: Callable[[LoggedOrder], bool] = lambda _: False,
        judge_keys: JudgeKeys | None = None,
    ) -> None:  # fmt: skip
        self._trust = trust
        self._organization = organization
        self._key = key
        self._store = store
        self._ask = ask
        self._in_thread = in_thread
        self._sound = sound
        self._clock = clock
        self._look = look
        self._obey = obey
        self._judge_keys = judge_keys
        self._fold: LogFold | None = None

    def tree(self) -> Frontier:
        """In the thread: what was read."""
        return self._folded().frontier

    def witnesses_at(self, size: int) -> Witnesses:
        """In the thread: who cosigns a checkpoint of this size, at most as large as what was read."""
        return self._folded().registry.witnesses_at(size)

    async def read_to(self, size: int) -> None:
        """Read exactly `size` entries, or as many as were read already. Unreadable says why it did not come to that."""
        start = (await self._in_thread(self.tree)).size
        while start < size:
            answer = await self._ask("entries", canonical({"start": start}))
            try:
                tokens, bodies = parse_entries(answer, start)
                if not tokens:
                    raise BadEntries(f"the hub gave no entry {start}, but has signed a log of {size}")  # noqa: TRY301
                start = await self._in_thread(self._take, start, tokens[: size - start], bodies)
            except BadEntries as error:
                raise Unreadable(str(error)) from None

    def go_back(self) -> None:
        """In the thread: once alarms about it are settled, forget what was read and is no tree that the log signed."""
        size = self._store.go_back()
        if size is not None:
            self._fold = None
            _log.info("log.read_anew", size=size, what="what was read behind this did not lead to the log's tree")

    def begin_anew(self) -> None:
        """In the thread: the database says that another log is read, from its first entry on."""
        self._fold = None

    def _folded(self) -> LogFold:
        if self._fold is None:
            registry = RegistryHistory(self._trust, self._store.registry())
            self._fold = LogFold(self._trust, self._organization, self._store.position().frontier(), registry)
        return self._fold

    def _take(self, start: int, tokens: list[bytes], bodies: dict[int, bytes]) -> int:
        fold = self._folded()
        if fold.frontier.size != start:
            return fold.frontier.size  # another call was quicker
        self._fold = None  # whatever fails below, what is in the database counts
        position = self._store.position()
        found = fold.take(tokens, bodies)
        mine = self._store.mine(entry.sequence for entry in found.own)
        keys = {self._key.thumbprint: self._key, **fold.registry.keys_of(self._organization)}
        if self._look is not None:
            # Before what was read is written down: after a crash in between, it looks through the same entries again.
            self._look(start, tokens, fold.registry.now)
        judged = judge_own(found.own, mine, position, keys)
        for order in found.orders:
            self._obey(order)  # before they count as read: a crash between the two has them obeyed again
        theirs = self._judge_keys(found.keys) if self._judge_keys else NOTHING
        new = self._store.take(
            fold.frontier, judged.own, found.registry, judged.places, [*judged.findings, *theirs.findings],
            self._clock(), theirs.ended, found.ends,
        )  # fmt: skip
        self._fold = fold
        self._sound(new)
        return fold.frontier.size

    def check_promises(self) -> None:
        """In the thread: sound the alarm if a receipt promised what the log, as far as it was read, does not hold."""
        position: Position = self._store.position()
        finding = unkept(position, self._store.mine([position.own + 1]))
        if finding is not None and self._store.sound(finding, self._clock()):
            self._sound([finding])


def parse_entries(answer: bytes, start: int) -> tuple[list[bytes], dict[int, bytes]]:
    """Read the answer to `entries`: tokens from `start` on, and bodies by index; BadEntries for another form."""
    document = parse_answer(answer)
    tokens, bodies = document.get("tokens"), document.get("bodies")
    if document.get("start") != start or not isinstance(tokens, list) or not isinstance(bodies, dict):
        raise BadEntries(f"the hub's answer does not give entries from {start} on")
    if len(tokens) > MAX_ENTRIES:
        raise BadEntries(f"the hub gave {len(tokens)} entries at once; at most {MAX_ENTRIES} are read")
    try:
        read = [token.encode("ascii") for token in tokens]
        found = {int(index): from_b64url(body) for index, body in bodies.items()}
    except (AttributeError, ValueError, UnicodeEncodeError):
        raise BadEntries(f"the hub's entries from {start} on are not tokens with bodies") from None
    if any(len(token) > MAX_TOKEN for token in read):
        raise BadEntries(f"an entry from {start} on is longer than any token, {MAX_TOKEN} bytes")
    return read, found


def parse_answer(answer: bytes) -> dict[str, Any]:
    """Read an answer that is a JSON object; BadEntries for another one, or for an error that it tells."""
    try:
        document = orjson.loads(answer)
    except orjson.JSONDecodeError:
        document = None
    if not isinstance(document, dict):
        raise BadEntries("the hub's answer is no JSON object")
    if "error" in document:
        raise BadEntries(f"the hub cannot answer: {str(document['error'])[:300]}")
    return document
