"""Tests of writing workbooks: limits, names of sheets, columns told apart, help and drop-downs."""

import io

import openpyxl
import pytest

from node import workbooks
from node.workbooks import Words, write_csv, write_workbook
from schemas.codelists import label
from schemas.entry import parse_entry, to_entry
from schemas.field_names import field_name
from tests.schemas.examples import EXAMPLES

WORDS = Words(field_name, label, str, str, ["en"], is_rtl=False)


def entry(**changes: object) -> dict[str, object]:
    parsed = parse_entry({**EXAMPLES["contact"], **changes})
    return to_entry("contact", "c1", parsed.marking, parsed.record)


def test_the_sheet_has_heads_help_and_lists() -> None:
    out = io.BytesIO()
    assert write_workbook("contact", [entry()], WORDS, "Contacts [all]: *", out) == 1
    book = openpyxl.load_workbook(out)
    sheet = book.worksheets[0]
    assert sheet.title == "Contacts all "
    heads = [cell.value for cell in sheet[1]]
    assert len(heads) == len(set(heads))
    assert {"Kind", "Marking", "Name (en) *", "Themes 1", "E-mail addresses · 1 · Address"} <= set(heads)
    assert "This field must be filled." in sheet.cell(1, heads.index("Name (en) *") + 1).comment.text
    marks = {row[0].value: row[1].value for row in book["liaison"].iter_rows(min_row=2)}
    assert marks["Themes 1"] == "themes#1"
    assert [book["liaison"]["A1"].value, book["liaison"]["B1"].value] == ["liaison-records/1", "contact"]
    assert sheet.cell(2, heads.index("Themes 1") + 1).value.endswith("(theme_1373:2.10)")


def test_what_a_sheet_cannot_hold_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbooks, "MAX_RECORDS", 1)
    with pytest.raises(ValueError, match="take csv"):
        write_workbook("contact", [entry(), entry()], WORDS, "x", io.BytesIO())
    monkeypatch.setattr(workbooks, "MAX_SHEET_CELL", 3)
    with pytest.raises(ValueError, match="characters"):
        write_workbook("contact", [entry()], WORDS, "x", io.BytesIO())


def test_csv_has_a_mark_and_safe_cells() -> None:
    out = io.BytesIO()
    assert write_csv("contact", [entry(unit="-2+3")], out) == 1
    assert out.getvalue().startswith(b"\xef\xbb\xbfkind,id,marking,")
    assert b",'-2+3" in out.getvalue()
