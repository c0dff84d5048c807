"""Logged events for many live readers: what is new is read once and kept for all, what is old as it is asked for."""

import asyncio
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

import orjson
from sqlalchemy import ColumnElement, Engine, Select, and_, select
from starlette.concurrency import run_in_threadpool

from hub import tables
from hub.cloudevents import cloudevent
from hub.filters import RECORD_STATUSES, WORLD, Live, places_of, themes_of
from hub.finding.terms import asked_reach, reached_by
from hub.tail import Tail
from schemas.facets import Facets, facets
from schemas.statement import CONTROL, Statement, parse_statement
from schemas.words import asked_words, index_words
from wire import jws

BATCH: Final = 64
SPAN: Final = 10_000  # log entries that one question to the database may look through
PART_BYTES: Final = 64 * 1024  # what a reader gets at once, and one event more: it waits in memory if he is slow
MAX_KEPT: Final = 2_000
MAX_KEPT_BYTES: Final = 8 * 1024 * 1024
NEAR: Final = 1_000  # this close to the end, what one reader reads is kept for those who come after
MAX_ANSWERS: Final = 4_000
READING_ALONE: Final = 4  # of those far behind, so many ask the database at once: pages need its threads too


@dataclass(frozen=True)
class LoggedEvent:
    """One log entry, with what filters ask of it.

    `about`: the body of the withdrawn record that it is about, if it was shown, under `about_marking`.
    """

    index: int
    org: str
    kind: str
    marking: str
    lastindex: int
    token: bytes
    body: bytes | None
    about: bytes | None
    about_marking: str | None = None

    @cached_property
    def statement(self) -> Statement:
        """What was signed."""
        return parse_statement(jws.take_apart(self.token, jws.EVENT).payload)

    @property
    def document(self) -> bytes:
        """The structured CloudEvent."""
        return cloudevent(self.token, self.index, self.lastindex, self.body)

    @cached_property
    def block(self) -> bytes:
        """The event as a block of a text/event-stream: written once, however many read it."""
        return f"id: {self.index}\nevent: {self.statement.type}\ndata: ".encode() + self.document + b"\n\n"

    @cached_property
    def weight(self) -> int:
        """Its bytes in memory, once it is written."""
        return 3 * (len(self.token) + len(self.body or b"")) + len(self.about or b"")

    @cached_property
    def facets(self) -> Facets | None:
        """What the record is found by; for a withdrawal, what the withdrawn one was found by."""
        return facets(self.kind, self.record) if self.record is not None else None

    @cached_property
    def record(self) -> dict[str, Any] | None:
        """The record; for a withdrawal, the withdrawn one."""
        shown = self.about if self.statement.action == "withdrawn" else self.body
        record = orjson.loads(shown).get("record") if shown is not None and self.kind != CONTROL else None
        return record if isinstance(record, dict) else None

    @cached_property
    def reach(self) -> frozenset[str]:
        """How somebody is reached by it."""
        return frozenset(reached_by(self.record or {}))

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The words of its text."""
        return tuple(index_words(f"{self.facets.title}\n{self.facets.text}")) if self.facets else ()


@dataclass(frozen=True)
class Question:
    """What a reader asks for and may see; equal for readers who get the same."""

    key: str
    asked: Live = field(compare=False)
    markings: tuple[str, ...] = field(compare=False)

    @classmethod
    def of(cls, asked: Live, markings: Sequence[str]) -> "Question":
        """Make one."""
        filters = asked.model_dump_json(exclude={"after", "snapshot", "log"})
        return cls(f"{','.join(markings)} {filters}", asked, tuple(markings))


Answer = tuple[list[LoggedEvent], int]


def matches(event: LoggedEvent, asked: Live, markings: Sequence[str]) -> bool:
    """Whether a reader asked for this event and may see it."""
    if event.marking not in markings:
        return False
    if (asked.kind and event.kind not in asked.kind) or (asked.org and event.org not in asked.org):
        return False
    if asked.since and event.statement.time < asked.since:
        return False
    if asked.status and not _has_status(event, asked.status):
        return False
    if not (asked.place or asked.theme or asked.q or asked_reach(asked)):
        return True
    # A withdrawal may be said more widely than the record was: a filter must not tell what that was about.
    if event.statement.action == "withdrawn" and event.about_marking not in markings:
        return False
    return _is_about(event, asked)


def _has_status(event: LoggedEvent, words: Sequence[str]) -> bool:
    if event.kind == CONTROL:
        return False
    own = "withdrawn" if event.statement.action == "withdrawn" else "current"
    if own in words:
        return True
    return own == "current" and event.facets is not None and event.facets.status in set(words) - {*RECORD_STATUSES}


def _is_about(event: LoggedEvent, asked: Live) -> bool:
    found = event.facets
    if found is None:
        return False
    if asked.place and WORLD not in asked.place and places_of(asked.place).isdisjoint(found.places):
        return False
    if asked.place and not found.places:
        return False
    if asked.theme and not any(
        code == theme.code and theme.scheme in {None, scheme}
        for theme in themes_of(asked.theme)
        for scheme, code in found.themes
    ):
        return False
    if any(event.reach.isdisjoint(wanted) for wanted in asked_reach(asked)):
        return False
    return asked.q is None or all(
        any(
            word == wanted or (goes_on and word.startswith(wanted)) for wanted, goes_on in group for word in event.words
        )
        for group in asked_words(asked.q)
    )


class LiveLog:
    """Shared by all streams of an application; memory is bounded by MAX_KEPT events and MAX_KEPT_BYTES."""

    def __init__(self, engine: Engine, tail: Tail) -> None:
        self._engine = engine
        self._tail = tail
        self._kept: deque[LoggedEvent] = deque()
        self._answers: dict[tuple[int, Question], Answer] = {}
        self._bytes = 0
        self._next = 0  # index after the last one kept
        self._erasures = 0  # those that what is kept was read after
        self._lock = asyncio.Lock()
        self._alone = asyncio.Semaphore(READING_ALONE)

    async def read(self, start: int, question: Question) -> Answer:
        """Give matching events from index `start` on, not all of them at once, and where to go on."""
        self._forget_erased()
        if start >= self._next:
            await self._fetch(start)
        first = self._next - len(self._kept)
        if first <= start < self._next:
            known = self._answers.get((start, question))
            if known is None:
                if len(self._answers) >= MAX_ANSWERS:
                    self._answers.clear()
                known = self._answers[start, question] = self._from_kept(start - first, question)
            return known
        stop = min(self._tail.size, start + SPAN)
        async with self._alone:
            found, following = await run_in_threadpool(self._look_up, start, stop, in_columns(question))
        return _matching(found, question), following

    def _from_kept(self, place: int, question: Question) -> Answer:
        part = (self._kept[each] for each in range(place, min(place + BATCH, len(self._kept))))
        found, _ = bounded(part, PART_BYTES)
        return _matching(found, question), found[-1].index + 1

    def _forget_erased(self) -> None:
        if self._erasures != self._tail.erasures:
            self._erasures = self._tail.erasures
            self._forget()
            self._next = 0

    def _forget(self) -> None:
        self._kept.clear()
        self._answers.clear()
        self._bytes = 0

    async def _fetch(self, start: int) -> None:
        """Keep what is new, read once for all who wait for it."""
        async with self._lock:
            size = self._tail.size
            if start < self._next:
                return  # somebody else read it
            if start > self._next:
                if size - start > NEAR:
                    return  # this reader is far behind and reads alone
                self._forget()
                self._next = start
            erasures = self._tail.erasures
            found, _ = await run_in_threadpool(self._look_up, start, size, ())
            if self._tail.erasures != erasures:
                return  # what was read may be erased by now: it is not kept, each reader reads alone
            self._answers.clear()
            for event in found:
                self._kept.append(event)
                self._bytes += event.weight
                self._next = event.index + 1
            while len(self._kept) > MAX_KEPT or (self._bytes > MAX_KEPT_BYTES and len(self._kept) > 1):
                self._bytes -= self._kept.popleft().weight

    def _look_up(self, start: int, stop: int, wanted: Sequence[ColumnElement[bool]]) -> Answer:
        """Read from the database: a part, and where the next one begins."""
        log = tables.log.c
        query = log_query().where(log.index >= start, log.index < stop, *wanted).order_by(log.index).limit(BATCH)
        with self._engine.connect() as connection:
            found, whole = bounded((logged_event(*row) for row in connection.execute(query)), PART_BYTES)
        return found, stop if whole and len(found) < BATCH else found[-1].index + 1


def log_query() -> Select[Any]:
    """Select log entries with what `logged_event` makes of them."""
    log, names, bodies = tables.log.c, tables.organizations.c, tables.bodies
    shown, left_out = tables.bodies.alias("shown"), tables.exclusions.c
    return (
        select(
            log.index, names.organization, log.kind, log.marking, log.lastindex, log.token, bodies.c.body,
            shown.c.body.label("about"), tables.records.c.marking.label("about_marking"),
            left_out.index.label("left_out"),
        )
        .join(tables.organizations, names.org == log.org)
        .outerjoin(bodies, bodies.c.index == log.index)
        .outerjoin(tables.exclusions, left_out.index == log.index)
        .outerjoin(tables.records, tables.records.c.record == log.record)
        .outerjoin(shown, and_(shown.c.index == tables.records.c.body_index, tables.records.c.withdrawn.is_(True)))
    )  # fmt: skip


def bounded(events: Iterable[LoggedEvent], most: int) -> tuple[list[LoggedEvent], bool]:
    """Take events until they weigh `most` or more, at least one; and whether those were all."""
    found: list[LoggedEvent] = []
    weight = 0
    for event in events:
        if weight >= most:
            return found, False
        found.append(event)
        weight += len(event.token) + len(event.body or b"")
    return found, True


def _matching(events: Iterable[LoggedEvent], question: Question) -> list[LoggedEvent]:
    return [event for event in events if matches(event, question.asked, question.markings)]


def logged_event(index: int, org: str, kind: str, marking: str, lastindex: int, *rest: Any) -> LoggedEvent:
    """Make one of a row of the log; what was left out of the view is not served."""
    token, body, about, about_marking, left_out = rest
    served = None if left_out is not None or body is None else bytes(body)
    return LoggedEvent(
        index, org, kind, marking, lastindex, bytes(token), served, about and bytes(about), about_marking
    )


def in_columns(question: Question) -> list[ColumnElement[bool]]:
    """Give what of a question the database can decide by itself; `matches` decides the rest."""
    asked = question.asked
    found: list[ColumnElement[bool]] = [tables.log.c.marking.in_(question.markings)]
    if asked.kind:
        found.append(tables.log.c.kind.in_(asked.kind))
    if asked.org:
        found.append(tables.organizations.c.organization.in_(asked.org))
    return found
