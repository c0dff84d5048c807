"""A table that lacks a column of the mapping is another file than it was written for, and is refused whole."""

from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from node.importing.named_columns import lacking
from node.importing.read import read_rows
from node.importing.rows import ImportFileError
from tests.node.importing.making import ACCESSION, SCORES, mapping

LIST = {
    "target": "themes", "each": "Themes", "split": ";", "when": {"column": "Use", "equals": "yes"},
    "each_when": {"column": "each", "empty": False}, "fields": {"scheme": {"value": "fatf"}, "code": "each"},
}  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "header", "missing"),
    [
        ({}, ["State", "Act", "Day"], []),
        ({}, ["State", "Day", "More"], ["Act"]),
        ({}, ["Land"], ["State", "Act", "Day"]),
        ({"only": [{"column": "Valid", "equals": "yes"}]}, ["State", "Act", "Day"], ["Valid"]),
        ({"fields": {"state": {"column": ["Code", "State"]}}}, ["State"], []),
        ({"fields": {"state": {"column": ["Code", "Name"]}}}, ["State"], ["Code"]),
        ({"fields": {"state": {"template": ["{A} {B}", "{State}"]}}}, ["State"], []),
        ({"fields": {"state": {"template": "{A} {State}"}}}, ["State"], ["A"]),
        ({"fields": {"state": {"value": "KEN", "when": {"column": "Use", "empty": True}}}}, ["State"], ["Use"]),
        ({"list": [LIST]}, ["State", "Act", "Day"], ["Use", "Themes"]),
        ({"list": [LIST]}, ["State", "Act", "Day", "Use", "Themes"], []),
    ],
)
def test_what_a_mapping_names_must_be_there(changes: dict[str, Any], header: list[str], missing: list[str]) -> None:
    assert lacking(mapping(ACCESSION, **changes), header) == missing


def test_a_column_that_was_renamed_refuses_the_file_and_empties_no_record(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"State;Indicator;Score\n")
    with pytest.raises(ImportFileError) as refused:
        list(read_rows(tmp_path / "a.csv", mapping(SCORES)))
    assert "has no column 'State', 'Indicator', 'Score', which the mapping names" in str(refused.value)
    assert "its columns are 'State;Indicator;Score'" in str(refused.value)


def test_a_cover_sheet_before_the_data_is_noticed(tmp_path: Path) -> None:
    book = Workbook()
    assert book.active is not None
    book.active.append(["Report of the year"])
    book.save(tmp_path / "a.xlsx")
    with pytest.raises(ImportFileError, match="has no column"):
        list(read_rows(tmp_path / "a.xlsx", mapping(SCORES, format="xlsx")))


def test_in_json_a_member_may_be_left_out(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(b'{"State":"KEN"}\n')
    assert len(list(read_rows(tmp_path / "a.jsonl", mapping(ACCESSION, format="jsonl")))) == 1
