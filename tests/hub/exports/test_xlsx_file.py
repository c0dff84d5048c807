"""Tests of hub/exports/xlsx_file.py: opened again by openpyxl."""

import io
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from fastapi.testclient import TestClient

from hub.exports.xlsx_file import About, write_xlsx
from tests.hub.exports.conftest import FORMULA
from tests.hub.published import example

XLSX = "/api/v1/records.xlsx"
ABOUT = About("exercise.example", "2026-11-26T15:00:00.000Z", [], "https://hub.example/api/v1/records.xlsx")


def book(client: TestClient, language: str = "en", **asked: str) -> Any:
    answer = client.get(XLSX, params=asked, headers={"Accept-Language": language})
    assert answer.status_code == 200
    assert int(answer.headers["content-length"]) == len(answer.content)
    return openpyxl.load_workbook(io.BytesIO(answer.content))


def about(opened: Any) -> dict[str, str]:
    return dict(opened["About"].iter_rows(values_only=True))


def records(sheet: Any) -> list[dict[str, Any]]:
    head, *lines = sheet.iter_rows()
    names = [cell.value for cell in head]
    return [dict(zip(names, line, strict=True)) for line in lines]


def test_the_first_sheet_says_what_is_in_the_file_as_of_when(reader: TestClient) -> None:
    said = about(book(reader, kind="need", place="KEN"))
    assert (said["Filter: kind"], said["Filter: place"], said["Records"]) == ("need", "KEN", "1")
    assert said["As of"].endswith("(UTC; all times are UTC)")
    assert said["Address"].endswith("/api/v1/records.xlsx?kind=need&place=KEN")
    assert about(book(reader))["Filter"].startswith("none")


def test_dates_are_dates_numbers_are_numbers_and_text_is_text(reader: TestClient) -> None:
    first, formula = records(book(reader, kind="need")["Need"])
    assert first["needed_by"].value == datetime(2027, 6, 1)  # noqa: DTZ001 - a sheet knows no zones
    assert first["needed_by"].number_format == "yyyy-mm-dd"
    assert isinstance(first["published"].value, datetime)
    assert first["cost.requirements"].value == 1250000.5
    assert first["consent_to_publish"].value is True
    assert (formula["title.en"].value, formula["title.en"].data_type) == (FORMULA, "s")


def test_the_header_stays_and_filters(reader: TestClient) -> None:
    sheet = book(reader, kind="need")["Need"]
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref.startswith("A1:")
    assert sheet.auto_filter.ref.endswith(str(sheet.max_row))


def test_the_first_sheet_speaks_the_reader_s_language(reader: TestClient) -> None:
    said = about(book(reader, "fr"))
    assert said["Filtre"] == "aucun\u00a0: toutes les fiches que vous pouvez voir"
    assert said["À la date du"].endswith("(UTC\u00a0; toutes les heures sont en UTC)")


@pytest.mark.parametrize(("language", "rtl"), [("ar", True), ("fr", False)])
def test_for_readers_of_arabic_the_sheet_runs_from_right_to_left(reader: TestClient, language: str, rtl: bool) -> None:
    opened = book(reader, language)
    assert [bool(sheet.sheet_view.rightToLeft) for sheet in opened] == [rtl, rtl]


def item(id_: str, **changes: Any) -> dict[str, Any]:
    return {"kind": "need", "org": "xa-centre", "id": id_, "record": example("need", **changes), "status": "current"}


def test_a_sheet_that_is_full_says_that_more_was_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.exports.xlsx_file.MAX_ROWS", 4)
    batches = iter([[item("a"), item("b")], [item("c"), item("d")], [item("e")]])
    assert write_xlsx(tmp_path / "x.xlsx", batches, "need", ABOUT, rtl=False) == 3
    opened = openpyxl.load_workbook(tmp_path / "x.xlsx")
    assert opened["Need"].max_row == 4
    assert about(opened)["Not complete"].startswith("A sheet holds 3 records, and there are more.")


def test_a_text_longer_than_a_cell_is_cut_and_the_first_sheet_says_so(tmp_path: Path) -> None:
    long = item("a", documents=[{"url": f"https://a.example/{'x' * 1900}{n}"} for n in range(20)])
    days = {"valid_from": "1899-01-01", "cost": {"requirements": "123456789012345678.5", "currency": "USD"}}
    write_xlsx(tmp_path / "x.xlsx", iter([[long, item("b", **days)]]), "need", ABOUT, rtl=False)
    opened = openpyxl.load_workbook(tmp_path / "x.xlsx")
    cut, other = records(opened["Need"])
    assert len(cut["documents.url"].value) == 32_767
    assert about(opened)["Shortened"].startswith("1 cells")
    # Older than a sheet's calendar, more digits than its numbers: they stay what they are, as text.
    assert (other["valid_from"].value, other["cost.requirements"].value) == ("1899-01-01", "123456789012345678.5")
