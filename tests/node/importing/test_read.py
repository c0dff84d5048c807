"""Files of four formats give the same rows, numbered as their users see them, and broken ones one clear error."""

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from node.importing.read import MAX_CELL, read_rows
from node.importing.rows import BadRow, ImportFileError, Row
from tests.node.importing.making import ACCESSION, mapping

STATES = {**ACCESSION, "fields": {"state": "State"}}


def _read(file: Path, content: bytes, limits: dict[str, int] | None = None, **changes: Any) -> list[Row | BadRow]:
    file.write_bytes(content)
    changes = {"format": file.suffix[1:], **changes}
    return list(read_rows(file, mapping(STATES, **changes), **(limits or {})))


def test_csv_with_a_byte_order_mark_and_line_breaks_in_cells(tmp_path: Path) -> None:
    found = _read(tmp_path / "a.csv", b'\xef\xbb\xbfState,Act\r\nKEN,"a\r\nb"\r\n\r\nNOR,r\r\n')
    assert found == [Row(2, {"State": "KEN", "Act": "a\r\nb"}), Row(4, {"State": "NOR", "Act": "r"})]


def test_csv_with_another_delimiter(tmp_path: Path) -> None:
    assert _read(tmp_path / "a.csv", b"State;Act\nKEN;a\n", delimiter=";") == [Row(2, {"State": "KEN", "Act": "a"})]


def test_a_short_csv_row_has_empty_cells_and_a_long_one_is_bad(tmp_path: Path) -> None:
    short, long = _read(tmp_path / "a.csv", b"State,Act\nKEN\nNOR,a,extra\n")
    assert short == Row(2, {"State": "KEN", "Act": ""})
    assert isinstance(long, BadRow)
    assert (long.row, long.found) == (3, "extra")
    assert "3 cells where the header names 2 columns" in long.reason


def test_xlsx_gives_the_rows_of_the_sheet_with_its_row_numbers(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for line in (["State", "Count"], ["KEN", 3.0], [None, None], ["NOR", 2.5]):
        sheet.append(line)
    book.save(tmp_path / "a.xlsx")
    found = list(read_rows(tmp_path / "a.xlsx", mapping(STATES, format="xlsx")))
    assert found == [Row(2, {"State": "KEN", "Count": 3}), Row(4, {"State": "NOR", "Count": 2.5})]


def test_xlsx_without_the_sheet_names_those_it_has(tmp_path: Path) -> None:
    Workbook().save(tmp_path / "a.xlsx")
    with pytest.raises(ImportFileError, match="has no sheet 'Data'; its sheets are Sheet"):
        list(read_rows(tmp_path / "a.xlsx", mapping(STATES, format="xlsx", sheet="Data")))


def test_an_xlsx_that_unpacks_to_too_much_is_not_unpacked(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 200_000_001)
    with pytest.raises(ImportFileError, match="unpacks to 200000001 bytes"):
        list(read_rows(tmp_path / "a.xlsx", mapping(STATES, format="xlsx")))


def test_an_xlsx_with_one_cell_far_away_is_not_spread_out(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet["XFD1048576"] = "far"
    book.save(tmp_path / "a.xlsx")
    with pytest.raises(ImportFileError, match="reach to row 1048576 and column 16384"):
        list(read_rows(tmp_path / "a.xlsx", mapping(STATES, format="xlsx")))


def test_a_zip_that_is_no_workbook_gives_one_clear_error(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as archive:
        archive.writestr("readme.txt", "no workbook")
    with pytest.raises(ImportFileError, match="is no readable xlsx"):
        list(read_rows(tmp_path / "a.xlsx", mapping(STATES, format="xlsx")))


def test_json_list_at_a_path(tmp_path: Path) -> None:
    content = json.dumps({"data": {"items": [{"State": "KEN"}, 7]}}).encode()
    good, bad = _read(tmp_path / "a.json", content, path="data.items")
    assert good == Row(1, {"State": "KEN"})
    assert isinstance(bad, BadRow)
    assert bad.row == 2


def test_jsonl_reports_the_broken_line_and_reads_on(tmp_path: Path) -> None:
    first, broken, last = _read(tmp_path / "a.jsonl", b'{"State":"KEN"}\n{"State":\n\n{"State":"NOR"}\n')
    assert [first, last] == [Row(1, {"State": "KEN"}), Row(4, {"State": "NOR"})]
    assert isinstance(broken, BadRow)
    assert "is no valid JSON" in broken.reason


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.csv", b"", "has no header"),
        ("a.csv", b"State,State\n", "names the column 'State' more than once"),
        ("a.csv", b"State\n\xff\xfe\n", "is not UTF-8"),
        ("a.csv", b'State\n"KEN\n', "is no valid csv"),
        ("a.json", b"[1,", "is no valid JSON"),
        ("a.json", b"{}", "expected a list at the top, found dict; set path"),
        ("a.json", b'{"State": NaN}', "is no valid JSON"),
        ("a.xlsx", b"State\n", "is no readable xlsx"),
    ],
)
def test_a_file_that_is_not_what_it_says_gives_one_clear_error(
    tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    with pytest.raises(ImportFileError, match=said):
        _read(tmp_path / name, content)


def test_limits_on_bytes_rows_and_cells(tmp_path: Path) -> None:
    with pytest.raises(ImportFileError, match="has 12 bytes, at most 10"):
        _read(tmp_path / "a.csv", b"State\nKEN\nNO", {"max_bytes": 10})
    with pytest.raises(ImportFileError, match="has more than 1 rows"):
        _read(tmp_path / "a.csv", b"State\nKEN\nNOR\n", {"max_rows": 1})
    (bad,) = _read(tmp_path / "a.csv", b"State\n" + b"x" * (MAX_CELL + 1) + b"\n")
    assert isinstance(bad, BadRow)
    assert bad.column == "State"


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ImportFileError, match=r"none\.csv: the file cannot be read"):
        list(read_rows(tmp_path / "none.csv", mapping(STATES)))
