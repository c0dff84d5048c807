"""Gives a file back as a workbook in which each bad cell has a comment that says what is wrong with it."""

import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import orjson

from node.importing.mapping import Mapping
from node.importing.read import read_rows
from node.importing.rows import BadRow, ImportFileError, Row
from node.text_workbook import begin_workbook
from schemas.sentences import gettext_noop as N_

MAX_KEPT_CELLS: Final = 300_000  # a larger workbook is not kept as it is: only its bad rows are given back
MAX_COMMENT: Final = 2000
_AUTHOR: Final = "Liaison"


def marked_copy(path: Path, mapping: Mapping, bad: Sequence[BadRow], cells: int) -> bytes:
    """Give the workbook; `cells` is how many the file has. The reasons stand in it as they are given."""
    if mapping.format == "xlsx" and cells <= MAX_KEPT_CELLS:
        return _kept(path, mapping.sheet, bad)
    return _written(path, mapping, bad)


def _kept(path: Path, sheet_name: str | None, bad: Sequence[BadRow]) -> bytes:
    # A fifteenth of what a node reads at its start, which few need.
    import openpyxl  # noqa: PLC0415
    from openpyxl.comments import Comment  # noqa: PLC0415
    from openpyxl.styles import PatternFill  # noqa: PLC0415

    try:
        with path.open("rb") as file:
            book = openpyxl.load_workbook(file)
    except Exception as error:  # it fails in many ways on files of other programs
        raise ImportFileError(N_("The workbook cannot be opened to write into it; save it anew in Excel.")) from error
    sheet = book[sheet_name] if sheet_name else book.worksheets[0]
    places = {str(cell.value).strip(): cell.column for cell in sheet[1] if cell.value is not None}
    red = PatternFill("solid", fgColor="F9D6D5")
    for (row, column), said in _by_cell(bad, places).items():
        cell = sheet.cell(row, column)
        comment = Comment(said, _AUTHOR)
        comment.width, comment.height = 320, 120
        cell.comment, cell.fill = comment, red
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _written(path: Path, mapping: Mapping, bad: Sequence[BadRow]) -> bytes:
    wanted = {each.row for each in bad}
    rows: list[Row] = []
    heads: dict[str, int] = {}
    for row in read_rows(path, mapping):
        if isinstance(row, Row) and row.number in wanted:
            rows.append(row)
            for name in row.values:
                heads.setdefault(name, len(heads) + 2)
    out = io.BytesIO()
    with begin_workbook(out) as book:
        sheet, red = book.add_worksheet("rows"), book.add_format({"bg_color": "#F9D6D5"})
        sheet.freeze_panes(1, 1)
        sheet.write_string(0, 0, "row")
        for name, place in heads.items():
            sheet.write_string(0, place - 1, name[:32_000])
        said = _by_cell(bad, heads)
        known = {row.number: row for row in rows}
        for line, number in enumerate(sorted(wanted), start=1):
            sheet.write_number(line, 0, number)
            for name, place in heads.items():
                value = known[number].values.get(name) if number in known else None
                sheet.write_string(line, place - 1, _shown(value), red if (number, place) in said else None)
            for (row_number, place), words in said.items():
                if row_number == number:
                    sheet.write_comment(line, place - 1, words, {"author": _AUTHOR, "x_scale": 2})
    return out.getvalue()


def _by_cell(bad: Iterable[BadRow], places: dict[str, int]) -> dict[tuple[int, int], str]:
    """Give what is said at row and column; what no column can be blamed for stands in the first."""
    found: dict[tuple[int, int], str] = {}
    for each in bad:
        column = next((places[name] for name in (each.column, *each.column.split(", ")) if name in places), 1)
        before = found.get((each.row, column))
        found[each.row, column] = (each.reason if before is None else f"{before}\n{each.reason}")[:MAX_COMMENT]
    return found


def _shown(value: Any) -> str:
    text = "" if value is None else orjson.dumps(value).decode() if isinstance(value, dict | list) else str(value)
    return text[:32_000]
