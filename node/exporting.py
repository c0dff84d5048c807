"""Writes records as csv, xlsx, json and jsonl files that spreadsheets open safely and that can be imported again."""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO, Literal

import orjson

from node.text_workbook import begin_workbook

ExportFormat = Literal["csv", "xlsx", "json", "jsonl"]
Entry = dict[str, Any]
"""A record as `put` takes it: kind, id and marking beside its own fields."""

FIRST_COLUMNS = ("kind", "id", "marking")
MAX_SHEET_ROWS = 1_048_576
MAX_SHEET_CELL = 32_767


def export(kind: str, entries: Iterable[Entry], format_: ExportFormat, out: BinaryIO) -> int:
    """Write the entries of one kind to `out` and return how many there were.

    json and jsonl hold the entries whole and are read again by a mapping with `whole = true`. In csv and xlsx nested
    fields become dotted columns (`name.en`, `places.0.country`). Raises ValueError when a sheet cannot hold them.
    """
    writers = {"csv": _csv, "xlsx": _xlsx, "json": _json, "jsonl": _jsonl}
    return writers[format_](kind, entries, out)


def _json(_kind: str, entries: Iterable[Entry], out: BinaryIO) -> int:
    number = 0
    out.write(b"[")
    for number, entry in enumerate(entries, start=1):
        out.write((b"\n" if number == 1 else b",\n") + orjson.dumps(entry))
    out.write(b"\n]\n")
    return number


def _jsonl(_kind: str, entries: Iterable[Entry], out: BinaryIO) -> int:
    number = 0
    for number, entry in enumerate(entries, start=1):  # noqa: B007  # the last number is the answer
        out.write(orjson.dumps(entry) + b"\n")
    return number


def _table(entries: Iterable[Entry]) -> tuple[list[str], list[dict[str, Any]]]:
    """Return all columns, in an order that depends on the fields only, and the rows as column → value."""
    rows = [dict(_flatten(entry, "")) for entry in entries]
    columns = {column for row in rows for column in row}
    first = [column for column in FIRST_COLUMNS if column in columns]
    return first + sorted(columns.difference(first), key=_natural), rows


def _flatten(value: Any, column: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict | list):
        inner = value.items() if isinstance(value, dict) else enumerate(value)
        for name, part in inner:
            yield from _flatten(part, f"{column}.{name}" if column else str(name))
    else:
        yield column, value


def _natural(column: str) -> list[tuple[int, int | str]]:
    """Sort places.2 before places.10."""
    return [(0, int(name)) if name.isdigit() else (1, name) for name in column.split(".")]


def safe_cell(value: Any) -> Any:
    """Return a csv cell that no spreadsheet takes for a formula: what could start one gets an apostrophe before it."""
    return "'" + value if isinstance(value, str) and re.match(r"'*\s*[=+\-@|\t\r]", value) else value


def _csv(_kind: str, entries: Iterable[Entry], out: BinaryIO) -> int:
    columns, rows = _table(entries)
    text = io.TextIOWrapper(out, encoding="utf-8-sig", newline="")
    writer = csv.writer(text)
    writer.writerow([safe_cell(column) for column in columns])
    writer.writerows([safe_cell(row.get(column, "")) for column in columns] for row in rows)
    text.detach()  # flushes, and leaves `out` open for its owner
    return len(rows)


def _xlsx(kind: str, entries: Iterable[Entry], out: BinaryIO) -> int:
    columns, rows = _table(entries)
    if len(rows) >= MAX_SHEET_ROWS:
        raise ValueError(f"A sheet holds {MAX_SHEET_ROWS - 1} records, there are {len(rows)}; export csv or jsonl.")
    with begin_workbook(out) as book:
        sheet = book.add_worksheet(kind)
        sheet.freeze_panes(1, 0)
        sheet.write_row(0, 0, columns)
        for number, row in enumerate(rows, start=1):
            for place, column in enumerate(columns):
                _write(sheet, number, place, row.get(column))
    return len(rows)


def _write(sheet: Any, row: int, place: int, value: Any) -> None:
    if value is None:
        return
    if isinstance(value, bool):
        sheet.write_boolean(row, place, value)
    elif isinstance(value, int) and abs(value) < 10**15:  # a sheet's numbers are doubles
        sheet.write_number(row, place, value)
    elif len(str(value)) > MAX_SHEET_CELL:
        raise ValueError(f"A cell of a sheet holds {MAX_SHEET_CELL} characters, one has more; export csv or jsonl.")
    else:
        sheet.write_string(row, place, str(value))
