"""Cells that show something which is no value make a row bad; read as empty, they would empty what was published."""

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from openpyxl.worksheet.worksheet import Worksheet

from node.importing import sheet_faults
from node.importing.build import Candidate, Outcome, build
from node.importing.own_files import Own, read_own
from node.importing.read import read_rows
from node.importing.rows import BadRow, ImportFileError
from tests.node.importing.making import ACCESSION, make_id, mapping

HEAD = ["State", "Act", "Day", "Remark"]
KENYA, NORWAY = ["KEN", "r", "01 Jan 2020", ""], ["NOR", "a", "02 Jan 2020", ""]


def _book(path: Path, fill: Callable[[Worksheet], None]) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    for row in (HEAD, KENYA, NORWAY):
        sheet.append(row)
    fill(sheet)
    book.save(path)
    return path


def _outcomes(path: Path, **changes: Any) -> list[Outcome]:
    how = mapping(ACCESSION, format="xlsx", **changes)
    return list(build(read_rows(path, how), how, make_id))


def _good(found: list[Outcome]) -> list[str]:
    return [each.key for each in found if isinstance(each, Candidate)]


def _bad(found: list[Outcome]) -> list[tuple[int, str, str]]:
    return [(each.row, each.column, each.found) for each in found if isinstance(each, BadRow)]


def test_a_cell_in_error_is_bad_and_its_record_keeps_its_last_version(tmp_path: Path) -> None:
    found = _outcomes(_book(tmp_path / "a.xlsx", lambda sheet: sheet.__setitem__("C2", "#REF!")))
    assert (_good(found), _bad(found)) == (["NOR"], [(2, "Day", "#REF!")])
    bad = next(each for each in found if isinstance(each, BadRow))
    assert (bad.key, bad.id) == ("KEN", make_id("KEN"))
    assert "shows an error" in bad.reason


def test_an_error_in_the_key_is_no_record_without_a_key(tmp_path: Path) -> None:
    found = _outcomes(_book(tmp_path / "a.xlsx", lambda sheet: sheet.__setitem__("A3", "#N/A")))
    assert (_good(found), _bad(found)) == (["KEN"], [(3, "State", "#N/A")])


def test_an_error_where_a_condition_looks_is_bad_and_not_left_out(tmp_path: Path) -> None:
    path = _book(tmp_path / "a.xlsx", lambda sheet: sheet.__setitem__("B2", "#VALUE!"))
    found = _outcomes(path, only=[{"column": "Act", "equals": "a"}])
    assert (_good(found), _bad(found)) == (["NOR"], [(2, "Act", "#VALUE!")])


def test_an_error_in_a_column_that_nobody_needs_is_no_matter(tmp_path: Path) -> None:
    assert _good(_outcomes(_book(tmp_path / "a.xlsx", lambda sheet: sheet.__setitem__("D2", "#REF!")))) == [
        "KEN",
        "NOR",
    ]


def test_a_formula_without_a_result_is_bad_also_below_the_last_row(tmp_path: Path) -> None:
    def fill(sheet: Worksheet) -> None:
        sheet["C2"] = "=B9"
        sheet["A4"], sheet["A5"] = "=Z1", "=Z2"

    found = _outcomes(_book(tmp_path / "a.xlsx", fill))
    assert _good(found) == ["NOR"]
    assert _bad(found) == [(2, "Day", ""), (4, "State", ""), (5, "State", "")]
    assert all("result the file does not hold" in each.reason for each in found if isinstance(each, BadRow))


def test_a_formula_that_gives_an_empty_text_is_an_empty_cell(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        sheet = book.add_worksheet("all")
        for line, row in enumerate((HEAD, KENYA, NORWAY)):
            sheet.write_row(line, 0, row)
        sheet.write_formula("C2", '=""', None, "gone")
    text = _replaced(tmp_path / "a.xlsx", b"<v>gone</v>", b"<v></v>")
    assert b't="str"' in text
    found = _outcomes(tmp_path / "a.xlsx")
    assert _bad(found) == []
    assert [each.record.get("action_date") for each in found if isinstance(each, Candidate)] == [None, "2020-01-02"]


def _replaced(path: Path, before: bytes, after: bytes) -> bytes:
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    name = "xl/worksheets/sheet1.xml"
    assert before in parts[name]
    parts[name] = parts[name].replace(before, after)
    with zipfile.ZipFile(path, "w") as archive:
        for each, text in parts.items():
            archive.writestr(each, text)
    return parts[name]


def test_rows_below_the_first_of_a_merged_cell_are_bad_and_not_empty(tmp_path: Path) -> None:
    def fill(sheet: Worksheet) -> None:
        sheet.merge_cells("C2:C4")
        sheet.merge_cells("D2:D6")  # nobody needs it, and it makes no rows

    found = _outcomes(_book(tmp_path / "a.xlsx", fill))
    assert (_good(found), _bad(found)) == (["KEN"], [(3, "Day", "")])
    assert "merged cell C2:C4" in next(each.reason for each in found if isinstance(each, BadRow))


def test_cells_merged_within_a_row_are_what_they_were(tmp_path: Path) -> None:
    assert _good(_outcomes(_book(tmp_path / "a.xlsx", lambda sheet: sheet.merge_cells("C2:D2")))) == ["KEN", "NOR"]


def test_the_faults_of_another_sheet_do_not_matter(tmp_path: Path) -> None:
    def fill(sheet: Worksheet) -> None:
        assert sheet.parent is not None
        sheet.parent.create_sheet("other", 0)["C2"] = "#REF!"

    path = _book(tmp_path / "a.xlsx", fill)
    assert _good(_outcomes(path, sheet="Sheet")) == ["KEN", "NOR"]


def test_a_downloaded_sheet_with_an_error_in_it_names_row_and_column(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    for row in (["Id", "Unit"], ["c1", "#NAME?"]):
        sheet.append(row)
    book.save(tmp_path / "a.xlsx")
    own = Own("contact", "xlsx", "Sheet", {"Id": "id", "Unit": "unit"})
    [bad] = read_own(tmp_path / "a.xlsx", own, make_id, limits={"max_bytes": 10**6, "max_rows": 100})
    assert isinstance(bad, BadRow)
    assert (bad.row, bad.column, bad.found) == (2, "Unit", "#NAME?")


def test_merged_cells_without_end_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet_faults, "MAX_MERGED", 10)
    path = _book(tmp_path / "a.xlsx", lambda sheet: sheet.merge_cells("C2:C40"))
    with pytest.raises(ImportFileError, match="merged cells over more rows than are read"):
        _outcomes(path)


def test_places_that_no_sheet_has_end_nothing(tmp_path: Path) -> None:
    path = _book(tmp_path / "a.xlsx", lambda sheet: sheet.__setitem__("C3", "#REF!"))
    _replaced(path, b'<row r="3"', b'<row r="' + b"9" * 5000 + b'"')
    assert _bad(_outcomes(path)) == [(3, "Day", "#REF!")]
