"""Entries taken apart and judged one by one, in worker processes: signatures are nearly all of an audit's work."""

import multiprocessing
import os
import re
import signal
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from schemas.statement import CONTROL
from wire import jws
from wire.encoding import from_b64url
from wire.examine import Examined, Message, examine_all
from wire.keys import KEY_SIZE, PublicKey
from wire.log_source import LogAway, LogError, LogSource, has_hash
from wire.merkle import leaf_hash
from wire.registry import Registry
from wire.tiles import WIDTH, width_in

# Statements of one canonical form, in which no value holds a quotation mark: so these find what they name, or nothing.
_SUBJECT: Final = re.compile(rb'"subject":"([a-z0-9-]{1,40})/([a-z0-9-]{1,40})/')
_SEEN: Final = re.compile(rb'"seen":"([0-9]{1,15}):([A-Za-z0-9_-]{43})"')
_BODY: Final = re.compile(rb'"datahash":"([A-Za-z0-9_-]{43})".*"marking":"(TLP:[A-Z+]{1,20})"')
# Fewer entries than this are judged here faster than a process starts.
INLINE: Final = 1_024


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as the worker leaves it: `body` only of events about no record, for those who fold them.

    `presence` is one of the words below; `spoken` the claimed time in POSIX seconds. What is not `deep` was verified
    by an earlier audit: its signature counts, and its body is not judged again.
    """

    index: int
    token: bytes
    leaf: bytes
    examined: Examined
    seen: tuple[int, bytes] | None
    spoken: int
    presence: str
    body: bytes | None
    deep: bool = True


PRESENT, ABSENT, ALTERED, UNASKED = "present", "absent", "altered", "unasked"


def judge_entries(
    source: LogSource, network: str, packed_keys: bytes, start: int, tokens: Sequence[bytes], *, deep: bool
) -> list[Entry]:
    """Judge entries by themselves. Not `deep`: neither signatures nor bodies, only what the folds need."""
    keys = {key.thumbprint: key for key in _keys(packed_keys)} if deep else {}
    named = [named_by(token) for token in tokens]
    wanted = [
        (place, each[0])
        for place, each in enumerate(named)
        if each is not None and source.may_read(each[1]) and (deep or each[2] == b"control")
    ]
    bodies = dict(zip((p for p, _ in wanted), source.bodies([h for _, h in wanted]), strict=True))
    presences = [_presence(each, place in bodies, bodies.get(place)) for place, each in enumerate(named)]
    given = [bodies.get(place) if presence == PRESENT else None for place, presence in enumerate(presences)]
    messages = [
        Message(each[3], each[2].decode(), token, body) if each else Message("", "", token, None)
        for token, each, body in zip(tokens, named, given, strict=True)
    ]
    return [
        _entry(start + place, message, examined, named[place], presences[place], deep=deep)
        for place, (message, examined) in enumerate(zip(messages, examine_all(messages, network, keys), strict=True))
    ]


Named = tuple[bytes, str, bytes, str, "tuple[int, bytes] | None"]


def _presence(named: Named | None, asked: bool, body: bytes | None) -> str:
    if body is None or named is None:
        return ABSENT if asked else UNASKED
    return PRESENT if has_hash(body, named[0]) else ALTERED


def _entry(
    index: int, message: Message, examined: Examined, named: Named | None, presence: str, *, deep: bool
) -> Entry:
    examined = examined._replace(record=None) if deep else examined._replace(record=None, signature=True)
    spoken = 0
    if examined.said is not None and examined.refusal is None:
        spoken = int(datetime.fromisoformat(examined.said.time).timestamp())
    told = message.body if message.kind == CONTROL else None
    seen = named[4] if named else None
    return Entry(index, message.token, leaf_hash(message.token), examined, seen, spoken, presence, told, deep)


def named_by(token: bytes) -> Named | None:
    """Give what the statement names: body, marking, kind, organization, checkpoint seen. Its form is judged later."""
    try:
        payload = jws.take_apart(token, jws.EVENT).payload
        subject, body, seen = _SUBJECT.search(payload), _BODY.search(payload), _SEEN.search(payload)
        if subject is None or body is None:
            return None
        checkpoint = None if seen is None else (int(seen[1]), from_b64url(seen[2], size=32))
        return from_b64url(body[1], size=32), body[2].decode(), subject[1], subject[2].decode(), checkpoint
    except ValueError:
        return None


def signature_under(entry: Entry, registry: Registry) -> Entry:
    """Verify what the worker could not, because the key was registered only after it had been asked."""
    key = registry.keys.get(entry.examined.kid)
    if entry.examined.signature is not None or key is None or entry.examined.refusal is not None:
        return entry
    parts = jws.take_apart(entry.token, jws.EVENT)
    return replace(entry, examined=entry.examined._replace(signature=key.verify(parts.signature, parts.signed)))


class Readers:
    """Reads a log's entries in order, judged by worker processes that are some bundles ahead."""

    def __init__(self, source: LogSource, network: str, workers: int | None = None) -> None:
        self._source = source
        self._network = network
        self._workers = workers or os.cpu_count() or 1

    def read(self, start: int, end: int, registry: Registry, deep_from: int) -> Iterator[list[Entry]]:
        """Give the entries from `start` to before `end`, bundle by bundle; PartMissing where one is not there."""
        if end - start < INLINE or self._workers == 1:
            for first, tokens in self._bundles(start, end):
                yield judge_entries(
                    self._source, self._network, _packed(registry), first, tokens, deep=first + len(tokens) > deep_from
                )
            return
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(self._workers, mp_context=context, initializer=_leave_interrupts) as pool:
            ahead: deque[Future[list[Entry]]] = deque()
            ended: LogError | None = None
            bundles = self._bundles(start, end)
            try:
                while True:
                    try:
                        first, tokens = next(bundles)
                    except StopIteration:
                        break
                    except LogError as error:  # what was read before it is still judged
                        ended = error
                        break
                    deep = first + len(tokens) > deep_from
                    given = (self._source, self._network, _packed(registry), first, tokens)
                    ahead.append(pool.submit(judge_entries, *given, deep=deep))
                    if len(ahead) > 2 * self._workers + 1:
                        yield ahead.popleft().result()
                while ahead:
                    yield ahead.popleft().result()
            except BrokenProcessPool:
                raise LogAway("a worker process of the audit died, perhaps for want of memory; run it again") from None
            finally:
                pool.shutdown(wait=False, cancel_futures=True)
            if ended is not None:
                raise ended

    def _bundles(self, start: int, end: int) -> Iterator[tuple[int, list[bytes]]]:
        for number in range(start // WIDTH, -(-end // WIDTH)):
            tokens = self._source.entries(number, width_in(0, number, end))
            known = max(0, start - number * WIDTH)
            yield number * WIDTH + known, tokens[known:]


def _packed(registry: Registry) -> bytes:
    return b"".join(key.raw for key in registry.keys.values())


def _keys(packed: bytes) -> list[PublicKey]:
    return [PublicKey(packed[at : at + KEY_SIZE]) for at in range(0, len(packed), KEY_SIZE)]


def _leave_interrupts() -> None:
    # Ctrl-C reaches the whole group; the parent decides when its workers stop.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
