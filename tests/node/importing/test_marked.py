"""Tests of files with comments: a user's workbook is kept, other files are written anew, without formulas."""

import io
from pathlib import Path

import openpyxl
import pytest

from node.importing.mapping import Mapping
from node.importing.marked import marked_copy
from node.importing.rows import BadRow, ImportFileError
from tests.node.importing.making import ACCESSION, mapping

BAD = [
    BadRow(3, "Act", "=1+1", "is no act"), BadRow(3, "Act", "=1+1", "and more"), BadRow(3, "", "", "the row"),
    BadRow(4, "State, Day", "", "is empty"),
]  # fmt: skip
ROWS = [["State", "Act", "Day"], ["KEN", "r", "x"], ["TCD", "=1+1", "x"], [None, "a", "x"]]


def by(form: str) -> Mapping:
    return mapping(ACCESSION, format=form)


def read(data: bytes) -> openpyxl.worksheet.worksheet.Worksheet:
    return openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]


def test_a_workbook_is_kept_with_its_own_cells_and_widths(tmp_path: Path) -> None:
    book, path = openpyxl.Workbook(), tmp_path / "file"
    for row in ROWS:
        book.worksheets[0].append(row)
    book.worksheets[0].column_dimensions["B"].width = 55
    book.create_sheet("Notes")["A1"] = "mine"
    book.save(path)
    data = marked_copy(path, by("xlsx"), BAD, 12)
    sheet = read(data)
    said = {cell.coordinate: cell.comment.text for row in sheet for cell in row if cell.comment}
    assert said == {"B3": "is no act\nand more", "A3": "the row", "A4": "is empty"}
    assert (sheet.column_dimensions["B"].width, sheet["C2"].value, sheet["B3"].value) == (55, "x", "=1+1")
    assert openpyxl.load_workbook(io.BytesIO(data))["Notes"]["A1"].value == "mine"


@pytest.mark.parametrize("large", [False, True])
def test_of_other_files_the_bad_rows_come_back_as_text(tmp_path: Path, large: bool) -> None:
    path = tmp_path / "file"
    if large:
        book = openpyxl.Workbook()
        for row in ROWS:
            book.worksheets[0].append(["'" + str(each) if str(each).startswith("=") else each for each in row])
        book.save(path)
    else:
        path.write_text("\n".join(",".join(each or "" for each in row) for row in ROWS))
    sheet = read(marked_copy(path, by("xlsx" if large else "csv"), BAD, 10**9))
    assert [cell.value for cell in sheet["A"]] == ["row", 3, 4]
    assert sheet["C2"].data_type == "s"
    assert {cell.coordinate for row in sheet for cell in row if cell.comment} == {"C2", "A2", "B3"}


def test_what_cannot_be_opened_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"PK nothing")
    with pytest.raises(ImportFileError, match="save it anew"):
        marked_copy(tmp_path / "file", by("xlsx"), BAD, 1)
