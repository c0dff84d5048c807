"""Tests of looking at a file before it is mapped: its columns, their first values, the character between cells."""

from pathlib import Path

import pytest

from node.importing.headers import Column, columns_of, delimiter_of
from node.importing.rows import ImportFileError


def written(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_columns_have_names_and_first_values(tmp_path: Path, delimiter: str) -> None:
    path = written(tmp_path / "a", f"A{delimiter}B\n1{delimiter}\n2{delimiter}x\n3{delimiter}\n4{delimiter}\n")
    assert delimiter_of(path) == delimiter
    assert columns_of(path, "csv", delimiter) == [Column("A", ["1", "2", "3"]), Column("B", ["x"])]


def test_members_of_json_are_columns(tmp_path: Path) -> None:
    path = written(tmp_path / "a", '[{"a": 1, "b": {"c": 2, "d": {}}}, {"e": [1]}, 5]')
    assert columns_of(path, "json") == [Column("a", ["1"]), Column("b.c", ["2"]), Column("e", ["[1]"])]


@pytest.mark.parametrize(
    ("text", "said"), [("A,B\n", "no rows"), (",".join(f"c{n}" for n in range(201)) + "\n1", "200")]
)
def test_what_has_no_rows_or_too_many_columns_is_refused(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ImportFileError, match=said):
        columns_of(written(tmp_path / "a", text), "csv")
