"""Begins a workbook in which every text stays a text, whatever it looks like: no formula, no address, no number."""

from typing import TYPE_CHECKING, BinaryIO, Final

if TYPE_CHECKING:
    from xlsxwriter import Workbook

_OPTIONS: Final = {
    "in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
}  # fmt: skip


def begin_workbook(out: BinaryIO) -> "Workbook":
    """Give the workbook; it is written to `out` when it is closed."""
    import xlsxwriter  # noqa: PLC0415 - a fiftieth of what a node reads at its start, which few need

    return xlsxwriter.Workbook(out, _OPTIONS)


def column_range(column: int, rows: int) -> str:
    """Name the first rows of a column, counted from 0, as formulas do: `$A$1:$A$7`."""
    from xlsxwriter.utility import xl_range_abs  # noqa: PLC0415 - as above

    return str(xl_range_abs(0, column, rows - 1, column))
