"""Tests of knowing our own files again: by their marks, not by their names; anything else is mapped by a person."""

import io
from pathlib import Path

import openpyxl
import pytest

from node.importing.build import Candidate
from node.importing.own_files import Own, read_own, recognise
from tests.node.importing.making import make_id

LIMITS = {"max_bytes": 10**6, "max_rows": 100}
HEAD = "kind,id,marking,name.en,card_kind,organization,visibility,roles#1,confirmed_at,unit"


def own_csv(tmp_path: Path, *rows: str) -> Path:
    (tmp_path / "file").write_text("\n".join([HEAD, *rows]) + "\n")
    return tmp_path / "file"


def test_rows_are_records_and_escaped_cells_are_as_they_were(tmp_path: Path) -> None:
    path = own_csv(
        tmp_path,
        "contact,c1,TLP:GREEN,Office,group,xa-centre,members,ct_focal_point,2026-11-01,'=1+1",
        "contact,,TLP:GREEN,New,group,xa-centre,members,ct_focal_point,2026-11-01,'plain",
    )
    own = recognise(path, "csv")
    assert own is not None
    first, second = [each for each in read_own(path, own, make_id, limits=LIMITS) if isinstance(each, Candidate)]
    assert (first.id, first.record["unit"], second.record["unit"]) == ("c1", "=1+1", "'plain")
    again = [each.id for each in read_own(path, own, make_id, limits=LIMITS) if isinstance(each, Candidate)]
    assert again == [first.id, second.id]


@pytest.mark.parametrize("head", ["id,marking", "kind,id,marking,nonsense", "kind;id;marking"])
def test_other_tables_are_not_ours(tmp_path: Path, head: str) -> None:
    (tmp_path / "file").write_text(f"{head}\ncontact,a,TLP:GREEN,x\n")
    assert recognise(tmp_path / "file", "csv") is None
    assert recognise(tmp_path / "file", "json") is None


@pytest.mark.parametrize("mark", [["liaison-records/1", "nonsense"], ["liaison-records/9", "contact"], []])
def test_a_sheet_of_our_name_with_other_marks_is_not_ours(tmp_path: Path, mark: list[str]) -> None:
    book, out = openpyxl.Workbook(), io.BytesIO()
    book.create_sheet("liaison").append(mark or [None])
    book.save(out)
    (tmp_path / "file").write_bytes(out.getvalue())
    assert recognise(tmp_path / "file", "xlsx") is None


def test_a_row_of_another_kind_is_bad(tmp_path: Path) -> None:
    own = Own("contact", "csv", None, {name: name for name in HEAD.split(",")})
    path = own_csv(tmp_path, "need,c1,TLP:GREEN,Office,,,,,,")
    [bad] = list(read_own(path, own, make_id, limits=LIMITS))
    assert "is not the kind" in str(bad)
