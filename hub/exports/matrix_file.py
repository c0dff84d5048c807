"""The matrix as a CSV file, a cell to a line, and as an Excel workbook with the table as it is seen beside it."""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any, Final

import xlsxwriter

from hub.exports.csv_file import MARK, safe

HEADINGS: Final = (
    "row", "row_label", "column", "column_label", "state", "was", "needs", "ratings_below", "providers", "offers",
    "regional",
)  # fmt: skip
MAX_ROWS: Final = 1_048_576
MAX_COLUMNS: Final = 16_384
_NO_FORMULAS: Final = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


def matrix_csv(found: Mapping[str, Any]) -> bytes:
    """Give the cells as RFC 4180, UTF-8 with byte order mark; what could begin a formula gets an apostrophe."""
    out = io.StringIO()
    out.write(MARK)
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(HEADINGS)
    for values in _lines(found):
        writer.writerow([safe(value) if isinstance(value, str) else value for value in values])
    return out.getvalue().encode()


def matrix_xlsx(found: Mapping[str, Any], about: Sequence[tuple[str, str]], *, rtl: bool = False) -> bytes:
    """Give a workbook: what was asked and as of when, the table with its states, and the cells with all counts."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, _NO_FORMULAS) as book:
        bold, wrapped = book.add_format({"bold": True}), book.add_format({"bold": True, "text_wrap": True})
        first, table, cells = (book.add_worksheet(name) for name in ("About", "Matrix", "Cells"))
        for sheet in (first, table, cells) if rtl else ():
            sheet.right_to_left()
        for line, (name, value) in enumerate(about):
            first.write_string(line, 0, name, bold)
            first.write_string(line, 1, value)
        first.set_column(0, 0, 18)
        _write_table(table, found, wrapped)
        for place, heading in enumerate(HEADINGS):
            cells.write_string(0, place, heading, bold)
        for line, values in enumerate(_lines(found)[: MAX_ROWS - 1], 1):
            for place, each in enumerate(values):
                (cells.write_string if isinstance(each, str) else cells.write_number)(line, place, each)
        cells.freeze_panes(1, 0)
    return out.getvalue()


def _write_table(sheet: Any, found: Mapping[str, Any], heading: Any) -> None:
    rows = {row["code"]: line for line, row in enumerate(found["rows"][: MAX_ROWS - 1], 1)}
    columns = {column["code"]: place for place, column in enumerate(found["columns"][: MAX_COLUMNS - 1], 1)}
    for row in found["rows"][: MAX_ROWS - 1]:
        sheet.write_string(rows[row["code"]], 0, row["label"], heading)
    for column in found["columns"][: MAX_COLUMNS - 1]:
        sheet.write_string(0, columns[column["code"]], column["label"], heading)
    for cell in found["cells"]:
        if cell["row"] in rows and cell["column"] in columns:
            sheet.write_string(rows[cell["row"]], columns[cell["column"]], str(cell["state"]))
    sheet.freeze_panes(1, 1)
    sheet.set_column(0, len(columns), 20)


def _lines(found: Mapping[str, Any]) -> list[list[str | int]]:
    labels = {side: {each["code"]: each["label"] for each in found[f"{side}s"]} for side in ("row", "column")}
    return [
        [
            cell["row"], labels["row"][cell["row"]], cell["column"], labels["column"][cell["column"]],
            str(cell["state"]), str(cell.get("was", "")),
            *(cell[name] for name in ("needs", "ratings_below", "providers", "offers", "regional")),
        ]
        for cell in found["cells"]
    ]  # fmt: skip
