"""Builds records from rows: one record per row, or one per key where a mapping groups rows."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import orjson

from node.importing.cells import CellError, holds
from node.importing.mapping import Mapping
from node.importing.merge import Merged, merge
from node.importing.parts import Part, key_of, take_apart
from node.importing.rows import BadRow, LeftOut, Row, shorten
from node.release import stays_here
from schemas.entry import InvalidEntry, parse_entry
from schemas.problems import Problem
from schemas.release import FOR_NAMED, violation
from schemas.sentences import sentence

MakeId = Callable[[str], str]
"""The source's key → the record's id; the node hands in identity.derive_id with its secret."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A valid record that a file asks for, with the rows it was built from."""

    kind: str
    id: str
    marking: str
    record: dict[str, Any]
    rows: tuple[int, ...]
    key: str
    recipients: tuple[str, ...] = ()

    def content(self) -> bytes:
        """Return what tells two versions of one record apart."""
        return orjson.dumps([self.marking, self.record, *self.recipients], option=orjson.OPT_SORT_KEYS)


Outcome = Candidate | BadRow | LeftOut


def build(rows: Iterable[Row | BadRow], mapping: Mapping, make_id: MakeId) -> Iterator[Outcome]:
    """Yield a Candidate per record, a BadRow per reason why a row is none, a LeftOut per row not wanted.

    A bad row blocks nothing else. Rows in any order give the same records, but what repeats or contradicts is always
    the later row. Grouped records come when all rows have been read.
    """
    sorter = _group if mapping.grouped else _each
    yield from sorter(rows, mapping, make_id)


def _each(rows: Iterable[Row | BadRow], mapping: Mapping, make_id: MakeId) -> Iterator[Outcome]:
    first: dict[str, tuple[int, bytes]] = {}
    for row in rows:
        for outcome in read_one(row, mapping, make_id):
            if isinstance(outcome, Candidate):
                number, content = first.setdefault(outcome.key, (outcome.rows[0], outcome.content()))
                yield outcome if number == outcome.rows[0] else _repeated(outcome, number, content, mapping)
            else:
                yield outcome


def _repeated(second: Candidate, first: int, content: bytes, mapping: Mapping) -> BadRow | LeftOut:
    if second.content() == content:
        return LeftOut(second.rows[0], f"says the same as row {first}")
    reason = sentence("has the key of row {first}, but says something else; row {first} counts", first=first)
    return BadRow(second.rows[0], ", ".join(mapping.key), second.key, reason, second.key, second.id)


def read_one(row: Row | BadRow, mapping: Mapping, make_id: MakeId) -> list[Outcome]:
    """Return what one row of an ungrouped mapping gives."""
    part = part_of(row, mapping, make_id)
    if isinstance(part, Part):
        return [*assemble([part], mapping, make_id)]
    return part if isinstance(part, list) else [part]


def part_of(row: Row | BadRow, mapping: Mapping, make_id: MakeId) -> Part | LeftOut | list[Outcome]:
    """Return what a row says, why it is left out, or every reason why it is bad."""
    if isinstance(row, BadRow):
        return [row]
    try:
        if not holds(mapping.only, row.values):
            return LeftOut(row.number, "does not meet the mapping's condition `only`")
        key = key_of(row, mapping)
    except CellError as error:
        return [BadRow(row.number, error.column, error.found, error.reason)]
    if mapping.whole:
        return Part(row.number, key, row.values, {}, ())
    part = take_apart(row, key, mapping)
    return part if isinstance(part, Part) else [replace(bad, id=make_id(key)) for bad in part]


def _group(rows: Iterable[Row | BadRow], mapping: Mapping, make_id: MakeId) -> Iterator[Outcome]:
    groups: dict[str, list[Part]] = {}
    for row in rows:
        part = part_of(row, mapping, make_id)
        if isinstance(part, Part):
            groups.setdefault(part.key, []).append(part)
        else:
            yield from part if isinstance(part, list) else [part]
    for parts in groups.values():
        yield from assemble(parts, mapping, make_id)


def assemble(
    parts: list[Part], mapping: Mapping, make_id: MakeId, *, extra: dict[str, Any] | None = None
) -> Iterator[Candidate | BadRow]:
    """Yield the record of all rows of one key, and the rows that had to be set aside to make it valid.

    `extra` are fields that the rows do not hold, such as the day of a change.
    """
    remaining = sorted(parts, key=lambda part: part.row)
    while remaining:
        key = remaining[0].key
        merged = merge(remaining, mapping)
        bad = merged.bad or _judged(merged, mapping, make_id(key), extra or {})
        if isinstance(bad, Candidate):
            yield bad
            return
        yield from (replace(problem, key=key, id=make_id(key)) for problem in bad)
        rows = {problem.row for problem in bad}
        remaining = [part for part in remaining if part.row not in rows]


def _judged(merged: Merged, mapping: Mapping, record_id: str, extra: dict[str, Any]) -> Candidate | list[BadRow]:
    entry = {"kind": mapping.kind, "id": record_id, "marking": mapping.marking, **merged.record, **extra}
    if entry["kind"] != mapping.kind:
        reason = sentence("is not the kind that the mapping loads, {kind}", kind=mapping.kind)
        return [BadRow(merged.rows[0], "kind", shorten(entry["kind"]), reason)]
    if mapping.recipients and entry["marking"] in FOR_NAMED:
        entry.setdefault("recipients", mapping.recipients)
    try:
        parsed = parse_entry(entry)
    except InvalidEntry as error:
        return [bad for problem in error.problems for bad in _traced(problem, merged, mapping)]
    refused = violation(parsed.kind, parsed.record, parsed.marking)
    # What was exported here as it stands comes back as it stands, also what never leaves the node.
    if refused is not None and not (mapping.whole and stays_here(parsed)):
        return _traced(refused[1], merged, mapping)
    return Candidate(
        parsed.kind, parsed.id or record_id, parsed.marking, parsed.record, merged.rows, merged.key, parsed.recipients
    )


def _traced(problem: Problem, merged: Merged, mapping: Mapping) -> list[BadRow]:
    """Return the problem at the row and column it comes from; what no single row has said is every row's problem."""
    names = [name.replace("~1", "/").replace("~0", "~") for name in problem.pointer.split("/")[1:]]
    for length in range(len(names), 0, -1):
        origin = merged.origins.get(tuple(names[:length]))
        if origin is not None:
            return [BadRow(origin[0], origin[1], shorten(problem.found), problem.message)]
    target = ".".join(names)
    column = target if mapping.whole else mapping.column_of(target)
    field = "" if mapping.whole else f"{target}: "
    return [BadRow(row, column, shorten(problem.found), field + problem.message) for row in merged.rows]
