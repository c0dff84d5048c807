"""Records as a CSV file (RFC 4180, UTF-8 with byte order mark) that spreadsheets open safely."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from hub.exports.batches import Item
from hub.exports.columns import Column, cell, columns_of

MEDIA_TYPE: Final = "text/csv; charset=utf-8"
MARK: Final = "\ufeff"
# What a spreadsheet may take for a formula, also after blanks and in the wide forms of East Asian keyboards.
_FORMULA: Final = re.compile(r"\s*[=+\-@|\t\r\uff1d\uff0b\uff0d\uff20]")


def csv_lines(batches: Iterable[list[Item]], kind: str | None) -> Iterator[bytes]:
    """Give the file in pieces: the header, then a piece for each batch; every row has the same columns."""
    columns = columns_of(kind)
    yield _written([[column.heading for column in columns]], MARK)
    for batch in batches:
        yield _written([[_cell(column, item) for column in columns] for item in batch])


def _written(rows: Iterable[Sequence[Any]], before: str = "") -> bytes:
    out = io.StringIO()
    out.write(before)
    csv.writer(out, lineterminator="\r\n").writerows(rows)
    return out.getvalue().encode()


def _cell(column: Column, item: Item) -> str | int:
    value = cell(column, item)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if column.form == "number" or not isinstance(value, str) else safe(value)


def safe(text: str) -> str:
    """Give text that no spreadsheet runs: what could begin a formula gets an apostrophe, telephone numbers too.

    A bare +254201234567 would also lose its plus sign, as it would be read as a number.
    """
    return "'" + text if _FORMULA.match(text) else text
