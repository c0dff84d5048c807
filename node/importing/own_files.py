"""Knows files again that were downloaded here, and reads their rows as records, whatever order the columns have now."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import orjson
from python_calamine import CalamineError, CalamineWorkbook

from node.importing.build import Outcome, build
from node.importing.mapping import Mapping
from node.importing.read import read_rows
from node.importing.rows import BadRow, ImportFileError, Row, Unreadable
from node.importing.sheets import is_key, key_of_problem, record_of
from schemas.records import KINDS

FORM: Final = "liaison-records/1"
SOURCE: Final = "own-sheet"
_ESCAPED: Final = re.compile(r"''*\s*[=+\-@|\t\r]")


class Own(NamedTuple):
    """A file of ours: its kind, the sheet with the records, and which key each head of a column stands for."""

    kind: str
    format: str
    sheet: str | None
    heads: dict[str, str]

    def mapping(self) -> Mapping:
        """Give how its rows are read: as records that stand as they are."""
        return Mapping.model_validate(
            {
                "source": SOURCE, "kind": self.kind, "marking": "TLP:GREEN", "format": self.format,
                "sheet": self.sheet, "key": ["id"], "whole": True,
            }
        )  # fmt: skip


def recognise(path: Path, format_: str) -> Own | None:
    """Tell whether a file was downloaded here; None for all others."""
    if format_ == "xlsx":
        return _workbook(path)
    return _csv(path) if format_ == "csv" else None


def _workbook(path: Path) -> Own | None:
    try:
        with CalamineWorkbook.from_path(str(path)) as book:
            if FORM.partition("-")[0] not in book.sheet_names:
                return None
            marks = book.get_sheet_by_name(FORM.partition("-")[0]).to_python(skip_empty_area=False)
            first = book.sheet_names[0]
    except CalamineError:
        return None
    if not marks or marks[0][0] != FORM or str(marks[0][1]) not in KINDS:
        return None
    kind = str(marks[0][1])
    heads = {str(row[0]).strip(): str(row[1]) for row in marks[1:] if len(row) > 1 and is_key(kind, str(row[1]))}
    return Own(kind, "xlsx", first, heads)


def _csv(path: Path) -> Own | None:
    probe = Mapping.model_validate(
        {"source": SOURCE, "kind": "contact", "marking": "TLP:GREEN", "format": "csv", "key": ["id"], "whole": True}
    )
    try:
        row = next(read_rows(path, probe), None)
    except ImportFileError:
        return None
    if not isinstance(row, Row) or not {"kind", "id", "marking"} <= row.values.keys():
        return None
    kind = str(row.values["kind"])
    if kind not in KINDS or not all(is_key(kind, head) for head in row.values):
        return None
    return Own(kind, "csv", None, {head: head for head in row.values})


def read_own(path: Path, own: Own, make_id: Callable[[str], str], *, limits: dict[str, int]) -> Iterator[Outcome]:
    """Yield what the rows say, as an import does; a row without an id is a new record."""
    heads = {key: head for head, key in own.heads.items()}

    def rows() -> Iterator[Row | BadRow]:
        for row in read_rows(path, own.mapping(), **limits):
            yield row if isinstance(row, BadRow) else _as_record(row, own, make_id)

    for outcome in build(rows(), own.mapping(), make_id):
        if isinstance(outcome, BadRow) and outcome.column:
            key = key_of_problem(outcome.column, heads)
            yield BadRow(outcome.row, heads.get(key, key), outcome.found, outcome.reason, outcome.key, outcome.id)
        else:
            yield outcome


def _as_record(row: Row, own: Own, make_id: Callable[[str], str]) -> Row | BadRow:
    for head, value in row.values.items():
        if head in own.heads and isinstance(value, Unreadable):
            return BadRow(row.number, head, value.found, value.reason)
    cells = {own.heads[head]: _unescaped(own, value) for head, value in row.values.items() if head in own.heads}
    record = record_of(own.kind, cells)
    kind = str(cells.get("kind") or own.kind)
    record.setdefault("marking", "")
    # The same new row gives the same record when the file comes a second time.
    record.setdefault("id", make_id(f"{own.kind}\n{orjson.dumps(record, option=orjson.OPT_SORT_KEYS).decode()}"))
    return Row(row.number, {"kind": kind, **record})


def _unescaped(own: Own, value: Any) -> Any:
    """Take off the apostrophe that kept a csv's cell from being a formula."""
    return value[1:] if own.format == "csv" and isinstance(value, str) and _ESCAPED.match(value) else value
