"""Exports open safely in spreadsheets, and what was exported as JSON can be imported again unchanged."""

import csv
import io
from collections.abc import Mapping as AbstractMapping
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from node.exporting import ExportFormat, export
from node.importing.build import build
from node.importing.difference import Known, difference
from node.importing.mapping import Mapping
from node.importing.read import read_rows
from schemas.entry import parse_entry, to_entry
from tests.schemas.examples import EXAMPLES

Entry = dict[str, Any]


def _stored(kind: str) -> Entry:
    entry = parse_entry({**EXAMPLES[kind], "id": "example-1"})
    return to_entry(entry.kind, "example-1", entry.marking, entry.record)


def _exported(format_: ExportFormat, *entries: Entry) -> bytes:
    out = io.BytesIO()
    assert export("contact", entries, format_, out) == len(entries)
    return out.getvalue()


def _csv(*entries: Entry) -> list[dict[str, str]]:
    text = _exported("csv", *entries)
    assert text.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(text.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("kind", EXAMPLES)
@pytest.mark.parametrize("format_", ["json", "jsonl"])
def test_a_json_export_imported_again_changes_nothing(tmp_path: Path, kind: str, format_: ExportFormat) -> None:
    entry = _stored(kind)
    path = tmp_path / f"export.{format_}"
    path.write_bytes(_exported(format_, entry))
    by = Mapping.model_validate(
        {"source": "own", "kind": kind, "marking": "TLP:CLEAR", "format": format_, "key": ["id"], "whole": True}
    )
    own = {name: value for name, value in entry.items() if name not in ("kind", "id", "marking")}
    store: AbstractMapping[tuple[str, str], Known] = {(kind, "example-1"): Known(entry["marking"], own)}
    found = difference(build(read_rows(path, by), by, lambda key: key), kind, store, set(store))
    assert found.is_empty()
    assert [each.id for each in found.unchanged] == ["example-1"]


def test_nested_fields_become_dotted_columns_in_natural_order() -> None:
    entry = {"kind": "contact", "id": "a", "name": {"en": "Unit"}, "places": [{"country": "KEN"}] * 11}
    (row,) = _csv(entry)
    assert row["name.en"] == "Unit"
    columns = list(row)
    assert columns[:2] == ["kind", "id"]
    assert columns.index("places.2.country") < columns.index("places.10.country")


def test_records_with_different_fields_share_one_header() -> None:
    first, second = _csv({"id": "a", "unit": "One"}, {"id": "b", "hours": "9-17"})
    assert (first["unit"], first["hours"], second["unit"], second["hours"]) == ("One", "", "", "9-17")


@pytest.mark.parametrize("text", ["=1+1", "+468241335", "-2", "@SUM(A1)", "\t=1", " =1", "|calc"])
def test_no_csv_cell_is_a_formula(text: str) -> None:
    assert _csv({"id": "a", "unit": text})[0]["unit"] == "'" + text


def test_xlsx_keeps_numbers_and_writes_text_as_text(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    entry = {
        "id": "a",
        "unit": '=HYPERLINK("http://x.example")',
        "n": 7,
        "yes": True,
        "d": "2.50",
        "url": "https://x.example",
    }
    path.write_bytes(_exported("xlsx", entry))
    sheet = openpyxl.load_workbook(path).active
    assert sheet is not None
    cells = {str(head.value): value for head, value in zip(sheet[1], sheet[2], strict=True)}
    assert (cells["unit"].data_type, cells["unit"].value) == ("s", entry["unit"])
    assert (cells["n"].value, cells["yes"].value, cells["d"].value) == (7, True, "2.50")
    assert cells["url"].hyperlink is None


def test_no_column_name_of_a_sheet_is_a_formula(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(_exported("xlsx", {"id": "a", "name": {"=1+1": "x"}, "=2": "y"}))
    sheet = openpyxl.load_workbook(path).active
    assert sheet is not None
    assert {str(cell.value): cell.data_type for cell in sheet[1]} == {"id": "s", "=2": "s", "name.=1+1": "s"}


def test_a_cell_too_long_for_a_sheet_is_refused_with_what_to_do() -> None:
    with pytest.raises(ValueError, match="export csv or jsonl"):
        _exported("xlsx", {"id": "a", "mandate": {"en": "x" * 32_768}})


def test_an_export_of_nothing_is_an_empty_list() -> None:
    assert _exported("json").split() == [b"[", b"]"]
