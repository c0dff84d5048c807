"""Tests of workbooks in which every text stays a text."""

import io

import openpyxl

from node.text_workbook import begin_workbook, column_range

TEXTS = ["=1+1", "{=SUM(A1)}", "https://office.example/", "mailto:x@office.example", "12", "1e5", "internal:a!A1"]


def test_every_text_stays_a_text_whatever_it_looks_like() -> None:
    out = io.BytesIO()
    with begin_workbook(out) as book:
        book.add_worksheet("a").write_column(0, 0, TEXTS)
    cells = [row[0] for row in openpyxl.load_workbook(out)["a"].iter_rows()]
    assert [(cell.value, cell.data_type, cell.hyperlink) for cell in cells] == [(text, "s", None) for text in TEXTS]


def test_the_rows_of_a_column_are_named_as_formulas_do() -> None:
    assert column_range(0, 7) == "$A$1:$A$7"
    assert column_range(27, 3) == "$AB$1:$AB$3"
    assert column_range(1, 1) == "$B$1"
