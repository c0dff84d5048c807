"""Keeps grid, search words and answers to needs true to the records, in the transaction that changes the records."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Protocol

from sqlalchemy import Connection, delete, insert, select

from node import tables
from node.store.grid_tables import NEVER, answers, grid, grid_marks
from node.store.words import remove_words, write_words
from schemas.facets import facets
from schemas.words import fold, index_words

_CHUNK = 500


class Shown(Protocol):
    """A record as it stands."""

    @property
    def kind(self) -> str: ...  # noqa: D102
    @property
    def id(self) -> str: ...  # noqa: D102
    @property
    def marking(self) -> str: ...  # noqa: D102
    @property
    def state(self) -> str: ...  # noqa: D102
    @property
    def sequence(self) -> int | None: ...  # noqa: D102
    @property
    def changed(self) -> str: ...  # noqa: D102
    @property
    def due(self) -> str | None: ...  # noqa: D102
    @property
    def record(self) -> dict[str, Any]: ...  # noqa: D102


def write_grid(connection: Connection, records: Sequence[Shown]) -> None:
    """Show records, none of them erased, in the grid as they stand; they must be in `records` already."""
    numbers = dict(_numbers(connection, {(each.kind, each.id) for each in records}))
    by_number = {numbers[each.kind, each.id]: each for each in records}
    _remove(connection, list(by_number))
    rows, marks, words, named = [], [], [], []
    for number, each in by_number.items():
        row, about, text = grid_row(number, each)
        rows.append(row)
        marks += about
        words.append((number, text))
        named += [{"need": need, "number": number, "said": True} for need in needs_named(each.kind, each.record)]
    if rows:
        connection.execute(insert(grid), rows)
    if marks:
        connection.execute(insert(grid_marks), marks)
    if named:
        connection.execute(insert(answers), named)
    write_words(connection, words)


def grid_row(number: int, shown: Shown) -> tuple[dict[str, Any], list[dict[str, Any]], list[str]]:
    """Give a record's row, what it is about, and the words that it is found by."""
    record = shown.record
    found = facets(shown.kind, record)
    title = " ".join(found.title.split())[:200]
    row = {
        "number": number, "kind": shown.kind, "id": shown.id, "marking": shown.marking, "state": shown.state,
        "sequence": shown.sequence, "changed": shown.changed, "title": title, "title_key": fold(title)[:80],
        "due": shown.due or NEVER, "holds": _holds(shown.kind, record),
    }  # fmt: skip
    about = [f"theme:{scheme}:{code}" for scheme, code in found.themes] + [f"place:{code}" for code in found.places]
    marks = [{"mark": mark, "number": number} for mark in dict.fromkeys(about)]
    return row, marks, index_words(f"{found.title}\n{shown.id}\n{found.text}")


def needs_named(kind: str, record: dict[str, Any]) -> list[str]:
    """Give the needs of others that an activity says it answers; those of one's own it names by their ids."""
    named = record.get("answers_needs") or () if kind == "activity" else ()
    return [each for each in dict.fromkeys(named) if each.startswith("need/")]


def _holds(kind: str, record: dict[str, Any]) -> str | None:
    """Give the last day on which an offer is open, or a priority is one."""
    if kind == "offer":
        return (record.get("available_until") or NEVER) if record["open"] else None
    return (record.get("period_end") or NEVER) if kind == "priority" else None


def forget_grid(connection: Connection, address: tuple[str, str]) -> None:
    """Take a record out of the grid: no title, no word of it is left there."""
    numbers = [number for _, number in _numbers(connection, {address})]
    _remove(connection, numbers)
    connection.execute(delete(answers).where(answers.c.number.in_(numbers)))
    remove_words(connection, numbers)


def _numbers(connection: Connection, addresses: Iterable[tuple[str, str]]) -> Iterator[tuple[tuple[str, str], int]]:
    table = tables.records.c
    by_kind: dict[str, list[str]] = {}
    for kind, record_id in addresses:
        by_kind.setdefault(kind, []).append(record_id)
    for kind, ids in by_kind.items():
        for place in range(0, len(ids), _CHUNK):
            query = select(table.id, table.number).where(table.kind == kind, table.id.in_(ids[place : place + _CHUNK]))
            for record_id, number in connection.execute(query):
                yield (kind, record_id), number


def _remove(connection: Connection, numbers: Sequence[int]) -> None:
    for place in range(0, len(numbers), _CHUNK):
        part = numbers[place : place + _CHUNK]
        connection.execute(delete(grid_marks).where(grid_marks.c.number.in_(part)))
        connection.execute(delete(grid).where(grid.c.number.in_(part)))
        connection.execute(delete(answers).where(answers.c.number.in_(part), answers.c.said))
