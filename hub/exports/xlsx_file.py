"""Records as an Excel workbook: a sheet that says what it is and as of when, and one with real dates and numbers."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import xlsxwriter

from hub.exports.batches import Item
from hub.exports.columns import Column, cell, columns_of
from hub.exports.wording import FALLBACK, sentences_of
from schemas.sentences import gettext_noop as N_
from schemas.sentences import sentence

MEDIA_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MAX_ROWS: Final = 1_048_576  # of a sheet, its header included
MAX_CELL: Final = 32_767
CUT: Final = " …"
EXACT_DIGITS: Final = 15  # a sheet's numbers are doubles
FIRST_YEAR: Final = 1901  # a sheet's calendar begins with 1900, and gets that year wrong
_WIDTHS: Final = {"day": 12, "moment": 21, "number": 12, "text": 24, "json": 24}
# Rows go to the disk as they come, and no text becomes a formula, a link or a number.
_OPTIONS: Final = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


@dataclass(frozen=True, slots=True)
class About:
    """What the first sheet says, in a language.

    `filters` are names and values, `address` is where the same question is asked.
    """

    network: str
    as_of: str
    filters: list[tuple[str, str]]
    address: str
    language: str = FALLBACK


def write_xlsx(path: Path, batches: Iterable[list[Item]], kind: str | None, about: About, *, rtl: bool) -> int:
    """Write the workbook and give the number of records in it; what does not fit is said on its first sheet."""
    with xlsxwriter.Workbook(str(path), _OPTIONS) as book:
        first, sheet = book.add_worksheet("About"), book.add_worksheet((kind or "records").capitalize())
        if rtl:
            first.right_to_left()
            sheet.right_to_left()
        said = _Table(book, sheet, columns_of(kind))
        for batch in batches:
            if not all(said.add(item) for item in batch):
                break
        said.finish()
        _write_about(first, book.add_format({"bold": True}), about, said)
    return said.rows


class _Table:
    """The sheet of records, row by row."""

    def __init__(self, book: Any, sheet: Any, columns: tuple[Column, ...]) -> None:
        self._sheet = sheet
        self._columns = columns
        self.rows = 0
        self.cut = 0
        self.full = False
        self._day = book.add_format({"num_format": "yyyy-mm-dd"})
        self._moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        bold = book.add_format({"bold": True})
        sheet.freeze_panes(1, 0)
        for place, column in enumerate(columns):
            sheet.set_column(place, place, _WIDTHS[column.form])
            sheet.write_string(0, place, column.heading, bold)

    def add(self, item: Item) -> bool:
        """Write one record; False if the sheet is full."""
        if self.rows + 1 >= MAX_ROWS:
            self.full = True
            return False
        self.rows += 1
        for place, column in enumerate(self._columns):
            value = cell(column, item)
            if value is not None:
                self._write(place, column, value)
        return True

    def finish(self) -> None:
        self._sheet.autofilter(0, 0, self.rows, len(self._columns) - 1)

    def _write(self, place: int, column: Column, value: str | int | bool) -> None:
        row, sheet = self.rows, self._sheet
        if isinstance(value, bool):
            sheet.write_boolean(row, place, value)
        elif column.form == "number" and _is_exact(str(value)):
            sheet.write_number(row, place, float(value))
        elif column.form == "day" and int(str(value)[:4]) >= FIRST_YEAR:
            sheet.write_datetime(row, place, date.fromisoformat(str(value)), self._day)
        elif column.form == "moment":
            moment = datetime.fromisoformat(str(value)).replace(tzinfo=None)  # a sheet knows no zones; all is UTC
            sheet.write_datetime(row, place, moment, self._moment)
        else:
            text = str(value)
            if len(text) > MAX_CELL:
                self.cut += 1
                text = text[: MAX_CELL - len(CUT)] + CUT
            sheet.write_string(row, place, text)


def _is_exact(number: str) -> bool:
    return sum(each.isdigit() for each in number) <= EXACT_DIGITS


def _write_about(sheet: Any, bold: Any, about: About, said: _Table) -> None:
    words = sentences_of(about.language)
    lines = [
        (words.plain(N_("Network")), about.network),
        (words.plain(N_("As of")), words.plain(sentence("{at} (UTC; all times are UTC)", at=about.as_of))),
        *((words.plain(sentence("Filter: {name}", name=name)), value) for name, value in about.filters),
        (words.plain(N_("Records")), str(said.rows)),
        (words.plain(N_("Address")), about.address),
    ]
    if not about.filters:
        lines.insert(2, (words.plain(N_("Filter")), words.plain(N_("none: all records that you may see"))))
    if said.full:
        rows = sentence(
            "A sheet holds {most} records, and there are more. Ask with filters, or take CSV.", most=f"{MAX_ROWS - 1:,}"
        )
        lines.append((words.plain(N_("Not complete")), words.plain(rows)))
    if said.cut:
        cells = sentence(
            "{count} cells had more than {most} characters and end in “…”. CSV has them whole.",
            count=said.cut,
            most=f"{MAX_CELL:,}",
        )
        lines.append((words.plain(N_("Shortened")), words.plain(cells)))
    sheet.set_column(0, 0, 18)
    sheet.set_column(1, 1, 90)
    for row, (name, value) in enumerate(lines):
        sheet.write_string(row, 0, name, bold)
        sheet.write_string(row, 1, value[:MAX_CELL])
