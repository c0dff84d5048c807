"""Reads rows from csv, xlsx, json and jsonl files, within limits, and numbers them as their user sees them."""

import csv
import datetime as dt
import itertools
import re
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import orjson
from python_calamine import CalamineError, CalamineWorkbook

from node.importing.mapping import Mapping
from node.importing.named_columns import lacking
from node.importing.rows import BadRow, ImportFileError, Row, shorten
from node.importing.sheet_faults import faults_of
from schemas.sentences import gettext_noop as N_
from schemas.sentences import sentence

MAX_BYTES = 200_000_000
MAX_ROWS = 1_000_000
MAX_CELL = 100_000
MAX_COLUMNS = 1_000
MAX_SHEET_AREA = 20_000_000


def read_rows(
    path: Path, mapping: Mapping, *, max_bytes: int = MAX_BYTES, max_rows: int = MAX_ROWS
) -> Iterator[Row | BadRow]:
    """Yield the rows of a file in the form that the mapping names.

    Rows are numbered as a person sees them: a csv's or a sheet's header is row 1, the first item of a json list is 1,
    a jsonl line has its line number. A row that cannot be read by itself is a BadRow and the reading goes on.
    Raises ImportFileError when the file as a whole cannot be read, and says what to do.
    """
    _check_size(path, max_bytes)
    readers = {"csv": _csv, "xlsx": _xlsx, "json": _json, "jsonl": _jsonl}
    for seen, row in enumerate(readers[mapping.format](path, mapping), start=1):
        if seen > max_rows:
            raise ImportFileError(
                sentence(
                    "{name}: has more than {max_rows} rows; split the file and import the parts.",
                    name=path.name,
                    max_rows=max_rows,
                )
            )
        yield _within_limits(row) if isinstance(row, Row) else row


def _check_size(path: Path, max_bytes: int) -> None:
    try:
        size = path.stat().st_size
    except OSError as error:
        raise ImportFileError(
            sentence("{name}: the file cannot be read: {strerror}.", name=path.name, strerror=error.strerror)
        ) from error
    if not path.is_file():
        raise ImportFileError(sentence("{name}: is not a file.", name=path.name))
    if size > max_bytes:
        raise ImportFileError(
            sentence(
                "{name}: has {size} bytes, at most {max_bytes} are read; split the file.",
                name=path.name,
                size=size,
                max_bytes=max_bytes,
            )
        )


def _within_limits(row: Row) -> Row | BadRow:
    for column, value in row.values.items():
        if isinstance(value, str) and len(value) > MAX_CELL:
            reason = sentence("has {n} characters; at most {max_cell} are read", n=len(value), max_cell=MAX_CELL)
            return BadRow(row.number, column, shorten(value), reason)
    return row


def _csv(path: Path, mapping: Mapping) -> Iterator[Row | BadRow]:
    # csv has one limit for the whole process; ours is checked per cell, this one only bounds memory.
    csv.field_size_limit(MAX_BYTES)
    number = 0
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            cells = csv.reader(lines, delimiter=mapping.delimiter, strict=True)
            header = _header(next(cells, []), path, mapping)
            # What a spreadsheet shows is the number of the record, not of the line: cells may hold line breaks.
            for number, found in enumerate(cells, start=2):
                if any(found):
                    yield _from_cells(number, header, found)
    except UnicodeDecodeError as error:
        text = sentence(
            "{name}: is not UTF-8 (after row {n}); save it as “CSV UTF-8” and try again.", name=path.name, n=number
        )
        raise ImportFileError(text) from error
    except csv.Error as error:
        raise ImportFileError(
            sentence("{name}: is no valid csv after row {n}: {cause}.", name=path.name, n=max(number, 1), cause=error)
        ) from error


def _header(names: Iterable[Any], path: Path, mapping: Mapping) -> list[str]:
    header = ["" if name is None else str(name).strip() for name in names]
    while header and not header[-1]:
        header.pop()
    if not header:
        raise ImportFileError(sentence("{name}: has no header; its first row must name the columns.", name=path.name))
    if len(header) > MAX_COLUMNS:
        raise ImportFileError(
            sentence(
                "{name}: has {n} columns; at most {max_columns} are read.",
                name=path.name,
                n=len(header),
                max_columns=MAX_COLUMNS,
            )
        )
    twice = sorted({name for name in header if name and header.count(name) > 1})
    if twice:
        raise ImportFileError(
            sentence(
                "{name}: names the column {twice} more than once; rename one of them.",
                name=path.name,
                twice=repr(twice[0]),
            )
        )
    if missing := lacking(mapping, header):
        raise ImportFileError(
            sentence(
                "{name}: has no column {missing}, which the mapping names; its columns are {columns}.",
                name=path.name,
                missing=", ".join(map(repr, missing)),
                columns=shorten(", ".join(map(repr, header))),
            )
        )
    return header


def _from_cells(number: int, header: list[str], cells: list[Any]) -> Row | BadRow:
    extra = [cell for cell in cells[len(header) :] if cell not in ("", None)]
    if extra:
        reason = sentence(
            "has {n} cells where the header names {columns} columns; a comma may need quotes",
            n=len(cells),
            columns=len(header),
        )
        return BadRow(number, "", shorten(extra[0]), reason)
    padded = itertools.chain(cells, itertools.repeat(""))
    return Row(number, {name: cell for name, cell in zip(header, padded, strict=False) if name})


def _xlsx(path: Path, mapping: Mapping) -> Iterator[Row | BadRow]:
    _check_unpacked(path)
    try:
        with CalamineWorkbook.from_path(str(path)) as book:
            if mapping.sheet is not None and mapping.sheet not in book.sheet_names:
                known = ", ".join(book.sheet_names)
                raise ImportFileError(
                    sentence(
                        "{name}: has no sheet {sheet}; its sheets are {known}.",
                        name=path.name,
                        sheet=repr(mapping.sheet),
                        known=known,
                    )
                )
            name = mapping.sheet or book.sheet_names[0]
            table = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    except CalamineError as error:
        raise ImportFileError(sentence("{name}: is no readable xlsx: {cause}.", name=path.name, cause=error)) from error
    header = _header(table[0] if table else [], path, mapping)
    for number, cells in faults_of(path, name).rows(table):
        if number > 1:
            yield _from_cells(number, header, [_plain(cell) for cell in cells])


def _check_unpacked(path: Path) -> None:
    """Refuse a small file that becomes a huge one, by its bytes or by one cell far away, before anything unpacks it."""
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
            if unpacked > MAX_BYTES:
                raise ImportFileError(
                    sentence(
                        "{name}: unpacks to {unpacked} bytes, at most {max_bytes} are read.",
                        name=path.name,
                        unpacked=unpacked,
                        max_bytes=MAX_BYTES,
                    )
                )
            for name in archive.namelist():
                if name.startswith("xl/worksheets/"):
                    _check_area(path, archive.read(name))
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError) as error:
        raise ImportFileError(sentence("{name}: is no readable xlsx: {cause}.", name=path.name, cause=error)) from error


def _check_area(path: Path, sheet: bytes) -> None:
    """A sheet is held as a full rectangle: its last row times its last column."""
    cells = re.findall(rb'\br="([A-Z]{1,3})([0-9]{1,7})"', sheet)
    last_row = max((int(row) for _, row in cells), default=0)
    last_column = max((_column_number(column) for column in {column for column, _ in cells}), default=0)
    if last_row * last_column > MAX_SHEET_AREA:
        far = (last_row, last_column)
        raise ImportFileError(
            sentence(
                "{name}: its cells reach to row {row} and column {column}, more than can be read; "
                "delete what stands far away, or use csv.",
                name=path.name,
                row=far[0],
                column=far[1],
            )
        )


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number


def _plain(cell: Any) -> Any:
    """Return a cell as csv would have it where a sheet knows more types than JSON."""
    if isinstance(cell, dt.datetime) and cell.time() == dt.time.min:
        return cell.date().isoformat()
    if isinstance(cell, dt.date | dt.time | dt.timedelta):
        return str(cell)
    if isinstance(cell, float) and cell.is_integer():
        return int(cell)
    return cell


def _json(path: Path, mapping: Mapping) -> Iterator[Row | BadRow]:
    try:
        found = orjson.loads(path.read_bytes().removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        raise ImportFileError(sentence("{name}: is no valid JSON: {cause}.", name=path.name, cause=error)) from error
    for name in mapping.path.split(".") if mapping.path else []:
        if not isinstance(found, dict) or name not in found:
            raise ImportFileError(
                sentence(
                    "{name}: has nothing at {path}, where the mapping expects the list.",
                    name=path.name,
                    path=repr(mapping.path),
                )
            )
        found = found[name]
    if not isinstance(found, list):
        kind = type(found).__name__
        text = sentence("{name}: expected a list at the top, found {type}; set path.", name=path.name, type=kind)
        if mapping.path:
            text = sentence(
                "{name}: expected a list at {where}, found {type}; set path.",
                name=path.name, where=repr(mapping.path), type=kind,
            )  # fmt: skip
        raise ImportFileError(text)
    for number, item in enumerate(found, start=1):
        yield _from_json(number, item)


def _jsonl(path: Path, _mapping: Mapping) -> Iterator[Row | BadRow]:
    with path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            text = line.removeprefix(b"\xef\xbb\xbf").strip()
            if not text:
                continue
            try:
                item = orjson.loads(text)
            except orjson.JSONDecodeError as error:
                yield BadRow(
                    number,
                    "",
                    shorten(text.decode("utf-8", "replace")),
                    sentence("is no valid JSON: {cause}", cause=error),
                )
                continue
            yield _from_json(number, item)


def _from_json(number: int, item: Any) -> Row | BadRow:
    if isinstance(item, dict):
        return Row(number, item)
    return BadRow(number, "", shorten(item), N_("is no JSON object; each row must name its columns"))
