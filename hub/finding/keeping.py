"""What records are found by, as rows: read from the view outside of a transaction, kept inside one."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

import orjson
from sqlalchemy import ColumnElement, Connection, and_, delete, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from hub import tables
from hub.addresses import has_address
from hub.coverage import ANSWERS, JOINT
from hub.finding import tables as kept
from hub.finding.stretches import make_room
from hub.finding.terms import beginnings, is_counted, terms_of
from hub.many_rows import ManyRows
from schemas.facets import facets
from schemas.words import index_words
from wire.database import is_sqlite

CHUNK: Final = 400
TABLES: Final = (kept.listings, kept.facet_counts, kept.answers, kept.publisher_lines)


class Found(NamedTuple):
    """A record as it is to be found. `current` is its statement's log index, `stands` holds while nothing ended it.

    `cells` are those of the matrix that it touches, `scheme place code` each; `answers` the addresses of needs; `joint`
    its partners if it is a joint programme.
    """

    record: int
    current: int
    kind: str
    marking: str
    stands: bool
    terms: list[str]
    words: list[str]
    cells: list[str]
    answers: list[str]
    joint: list[str]
    lines: list[tuple[Any, ...]]  # as `publisher_lines` has them

    def has(self, groups: Iterable[list[tuple[str, bool]]]) -> bool:
        """Whether it has one term or word of every group."""
        own = {*self.terms, *self.words}
        return all(
            any(word in own or (goes_on and any(each.startswith(word) for each in own)) for word, goes_on in group)
            for group in groups
        )


def touched(connection: Connection, start: int, stop: int) -> set[int]:
    """Give the records that this part of the log changes: those it is about, and those that it ended by control."""
    log, records, listings = tables.log.c, tables.records.c, kept.listings.c
    part = and_(log.index >= start, log.index < stop)
    numbers = set(connection.scalars(select(log.record).where(part, log.record.is_not(None))))
    if connection.scalar(select(log.index).where(part, log.kind == "control").limit(1)) is not None:
        ended = select(records.record).join(kept.listings, listings.record == records.record)
        numbers |= set(connection.scalars(ended.where(kept.ended(), listings.stands.is_(True))))
    return numbers


def found_in(connection: Connection, numbers: Iterable[int]) -> list[Found]:
    """Read these records as the view has them now."""
    ordered = sorted(numbers)
    chunks = [ordered[place : place + CHUNK] for place in range(0, len(ordered), CHUNK)]
    return [each for chunk in chunks for each in found_where(connection, tables.records.c.record.in_(chunk))]


def found_where(connection: Connection, *conditions: ColumnElement[bool], limit: int | None = None) -> list[Found]:
    """Read records in the order of the log."""
    records, names, bodies = tables.records.c, tables.organizations.c, tables.bodies
    query = (
        select(*records, names.organization, bodies.c.body)
        .join(tables.organizations, names.org == records.org)
        .outerjoin(bodies, bodies.c.index == records.body_index)
        .where(*conditions)
        .order_by(records.index)
        .limit(limit)
    )
    rows = connection.execute(query).all()
    covers = _covers(connection, [row.record for row in rows])
    return [_found(row, covers.get(row.record, [])) for row in rows]


def _covers(connection: Connection, numbers: Sequence[int]) -> dict[int, list[Any]]:
    cover = tables.coverage.c
    found: dict[int, list[Any]] = {}
    for place in range(0, len(numbers), CHUNK):
        chunk = numbers[place : place + CHUNK]
        query = select(tables.coverage).where(cover.record.in_(chunk)).order_by(cover.record, cover.line)
        for row in connection.execute(query):
            found.setdefault(row.record, []).append(row)
    return found


def _found(row: Any, covers: Sequence[Any]) -> Found:
    body = None if row.body is None or row.erased else orjson.loads(row.body).get("record")
    record = body if isinstance(body, dict) else None
    said = facets(row.kind, record) if record is not None else None
    answers = {
        need if "/" in need else f"need/{row.organization}/{need}"
        for cover in covers
        for word in (cover.joined or "").split(" ")
        if (need := word.removeprefix(ANSWERS)) != word
    }
    terms = terms_of(
        row.kind, row.organization, row.marking, row.published, record, said, withdrawn=row.withdrawn
    )  # fmt: skip
    stands = row.held and not (row.withdrawn or row.disputed or row.erased)
    return Found(
        row.record,
        row.index,
        row.kind,
        row.marking,
        stands,
        terms if row.held and not row.erased else [],
        index_words(f"{said.title}\n{said.text}") if said is not None else [],
        list(dict.fromkeys(f"{each.scheme} {each.place} {each.code}" for each in covers if each.code)),
        sorted(answers),
        sorted(
            {each for cover in covers if cover.role == JOINT for each in (cover.provider or "").split("\n") if each}
        ),
        [_line(row, each) for each in covers] if stands else [],
    )


def _line(row: Any, cover: Any) -> tuple[Any, ...]:
    return (
        row.org, cover.scheme, cover.record, cover.line, row.marking, row.id, cover.role, cover.place, cover.code,
        cover.mode, cover.starts, cover.ends, cover.joined, cover.provider,
    )  # fmt: skip


class Keeping:
    """One transaction's changes: old rows go with their counts, new ones come with theirs."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._sqlite = is_sqlite(connection)
        self._lines = ManyRows(connection.dialect, kept.publisher_lines)
        self._counts: Counter[tuple[str, str, str]] = Counter()
        self._stale: set[str] = set()

    def replace(self, numbers: Iterable[int], found: Sequence[Found]) -> None:
        """Put records as they were found in the place of what was kept of these numbers."""
        self.drop(numbers)
        self._insert(found)
        self._write_counts()
        self._write_stale()

    def remove(self, numbers: Iterable[int]) -> None:
        """Keep nothing of these records any more."""
        self.drop(numbers)
        self._write_counts()
        self._write_stale()

    def drop(self, numbers: Iterable[int]) -> None:
        """Take old rows out."""
        listings, ordered = kept.listings, sorted(numbers)
        for place in range(0, len(ordered), CHUNK):
            chunk = ordered[place : place + CHUNK]
            rows = self._connection.execute(select(listings).where(listings.c.record.in_(chunk))).all()
            if not rows:
                continue
            for row in rows:
                self._count(row.kind, row.marking, row.terms.split(" "), -1 if row.stands else 0)
                self._outdate(row.cells.split("\n"), row.joint.split(" "))
            answered = list(
                self._connection.scalars(select(kept.answers.c.need).where(kept.answers.c.record.in_(chunk)))
            )
            self._outdate_needs(answered)
            self._forget_words([row[0] for row in rows])
            for table in (kept.answers, kept.publisher_lines):
                self._connection.execute(delete(table).where(table.c.record.in_(chunk)))
            self._connection.execute(delete(listings).where(listings.c.record.in_(chunk)))

    def _insert(self, found: Sequence[Found]) -> None:
        if not found:
            return
        listed = [
            {
                "index": each.current, "record": each.record, "kind": each.kind, "marking": each.marking,
                "stands": each.stands, "terms": " ".join(each.terms), "cells": "\n".join(each.cells),
                "joint": " ".join(each.joint),
            }
            for each in found
        ]  # fmt: skip
        self._connection.execute(insert(kept.listings), listed)
        for each in found:
            self._count(each.kind, each.marking, each.terms, 1 if each.stands else 0)
            self._outdate(each.cells, each.joint)
            self._outdate_needs(each.answers)
        answers = [{"need": need, "record": each.record} for each in found for need in each.answers]
        if answers:
            self._connection.execute(insert(kept.answers), answers)
        # In the order of their key, so that rows side by side are written together.
        self._lines.insert(self._connection, sorted(line for each in found for line in each.lines))
        words = [(each.current, [*each.terms, *each.words]) for each in found]
        if self._sqlite:
            self._connection.exec_driver_sql(
                "INSERT INTO record_search (rowid, words) VALUES (?, ?)",
                [(index, " ".join(own)) for index, own in words],
            )
            return
        make_room(self._connection, max(each.current for each in found))
        self._connection.exec_driver_sql(
            "INSERT INTO record_search (index, words) VALUES (%s, array_to_tsvector(%s::text[]))",
            [(each.current, [*each.terms, *each.words, *beginnings(each.words)]) for each in found],
        )

    def _forget_words(self, indices: Sequence[int]) -> None:
        key, mark = ("rowid", "?") if self._sqlite else ("index", "%s")
        statement = f"DELETE FROM record_search WHERE {key} = {mark}"  # noqa: S608 - one of two names of ours
        self._connection.exec_driver_sql(statement, [(index,) for index in indices])

    def _count(self, kind: str, marking: str, terms: Iterable[str], by: int) -> None:
        for each in terms:
            if by and each and is_counted(each):
                self._counts[kind, marking, each] += by

    def _outdate_needs(self, addresses: Sequence[str]) -> None:
        """Say that the cells of needs are to be judged anew: who answers them has changed."""
        for address in addresses:
            self._stale.update(_cells_of_need(self._connection, address))

    def _outdate(self, cells: Iterable[str], joint: Sequence[str]) -> None:
        """Say that cells are to be judged anew: its own, and those of its partners."""
        self._stale.update(cell for cell in cells if cell)
        if len(joint) > 1:
            cells_of = kept.matrix_cells.c
            query = select(cells_of.scheme, cells_of.place, cells_of.code).distinct()
            both = and_(*(cells_of.providers.contains(each, autoescape=True) for each in joint[:2]))
            self._stale.update(" ".join(row) for row in self._connection.execute(query.where(both)))

    def _write_counts(self) -> None:
        table = kept.facet_counts
        rows = [
            {"kind": kind, "marking": marking, "term": written, "records": by}
            for (kind, marking, written), by in sorted(self._counts.items())
            if by
        ]
        self._counts.clear()
        if rows:
            upsert = (sqlite.insert if self._sqlite else postgresql.insert)(table)
            more = {"records": table.c.records + upsert.excluded.records}
            keys = ["kind", "marking", "term"]
            self._connection.execute(upsert.on_conflict_do_update(index_elements=keys, set_=more), rows)

    def _write_stale(self) -> None:
        rows = [dict(zip(("scheme", "place", "code"), cell.split(" "), strict=True)) for cell in sorted(self._stale)]
        self._stale.clear()
        if rows:
            upsert = (sqlite.insert if self._sqlite else postgresql.insert)(kept.stale_cells)
            self._connection.execute(upsert.on_conflict_do_nothing(), rows)


def _cells_of_need(connection: Connection, address: str) -> list[str]:
    records, names, cover = tables.records.c, tables.organizations.c, tables.coverage.c
    query = (
        select(cover.scheme, cover.place, cover.code)
        .join(tables.records, records.record == cover.record)
        .join(tables.organizations, names.org == records.org)
        .where(has_address(*address.split("/")))
    )
    return [" ".join(row) for row in connection.execute(query)]


def empty(connection: Connection) -> None:
    """Forget everything that is kept."""
    for table in TABLES:
        connection.execute(delete(table))
