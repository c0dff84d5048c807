"""Tests of hub/exports/matrix_file.py: the files open in their readers and say what the table says."""

import csv
import io

import openpyxl

from hub.exports.matrix_file import HEADINGS, matrix_csv, matrix_xlsx

FOUND = {
    "rows": [{"code": "KEN", "label": "Kenya"}, {"code": "x", "label": '=HYPERLINK("http://x")'}],
    "columns": [{"code": "2.10", "label": "Borders"}],
    "cells": [
        {
            "row": row, "column": "2.10", "needs": 2, "ratings_below": 1, "providers": 0, "offers": 0, "regional": 3,
            "state": "gap",
        }
        for row in ("KEN", "x")
    ],
}  # fmt: skip


def test_a_cell_is_a_line_of_csv_and_nothing_in_it_runs() -> None:
    lines = list(csv.reader(io.StringIO(matrix_csv(FOUND).decode("utf-8-sig"))))
    assert lines[0] == list(HEADINGS)
    assert lines[1] == ["KEN", "Kenya", "2.10", "Borders", "gap", "", "2", "1", "0", "0", "3"]
    assert lines[2][1] == '\'=HYPERLINK("http://x")'


def test_a_workbook_has_the_table_and_the_cells_with_numbers() -> None:
    book = openpyxl.load_workbook(io.BytesIO(matrix_xlsx(FOUND, [("As of", "today")], rtl=True)))
    assert [[cell.value for cell in row] for row in book["Matrix"].iter_rows(max_row=2)] == [
        [None, "Borders"], ["Kenya", "gap"],
    ]  # fmt: skip
    assert book["Matrix"]["A3"].data_type == "s"
    assert [cell.value for cell in book["Cells"][2]][4:8] == ["gap", "", 2, 1]
    assert book["About"]["B1"].value == "today"
    assert book["Cells"].sheet_view.rightToLeft
