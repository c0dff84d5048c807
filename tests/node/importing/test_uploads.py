"""Tests of keeping uploads: bounded, private, under a number; what a file is, by its content."""

import io
from pathlib import Path

import pytest

from node.importing import uploads
from node.importing.rows import ImportFileError
from node.importing.uploads import Uploads, format_of, shown_name


@pytest.mark.parametrize(
    ("name", "shown"),
    [("../../etc/passwd", "passwd"), ("C:\\x\\büro.csv", "büro.csv"), ("a\x00b\n.csv", "ab.csv"), ("", "file"),
     (None, "file")],
)  # fmt: skip
def test_of_a_name_only_the_last_part_is_shown(name: str | None, shown: str) -> None:
    assert shown_name(name) == shown
    assert len(shown_name("x" * 1000)) == 100


def test_a_file_and_its_report_are_private_and_go_together(tmp_path: Path) -> None:
    kept = Uploads(tmp_path)
    path = kept.keep(7, io.BytesIO(b"a,b\n"))
    assert kept.report(7) is None
    kept.note(7, {"a": 1})
    assert (path.read_bytes(), kept.report(7)) == (b"a,b\n", {"a": 1})
    assert {each.stat().st_mode & 0o777 for each in (tmp_path / "uploads" / "7").iterdir()} == {0o600}
    kept.delete(7)
    kept.delete(7)
    assert list((tmp_path / "uploads").iterdir()) == []


def test_what_is_too_large_is_refused_while_it_comes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MAX_UPLOAD", 10)
    with pytest.raises(ImportFileError, match="more than"):
        Uploads(tmp_path).keep(1, io.BytesIO(b"x" * 11))


@pytest.mark.parametrize(
    ("name", "data", "found"),
    [
        ("a", b'\xef\xbb\xbf [{"a": 1}]', "json"),
        ("a.txt", b'{"a": 1}\n{"a": 2}\n', "jsonl"),
        ("a.json", b'{"items": [{"a": 1}]}', "json"),
        ("a.csv", b"[a],b\n1,2\n", "csv"),
        ("a", b"a;b\n1;2\n", "csv"),
    ],
)
def test_a_file_is_what_it_holds(tmp_path: Path, name: str, data: bytes, found: str) -> None:
    (tmp_path / "file").write_bytes(data)
    assert format_of(tmp_path / "file", name) == found


def test_json_of_very_many_parts_is_refused_before_it_is_read(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"[" + b"{}," * 1_000_001 + b"{}]")
    with pytest.raises(ImportFileError, match="parts"):
        format_of(tmp_path / "file", "a.json")
