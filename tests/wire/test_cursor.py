"""Tests of wire/cursor.py: a reader's place is kept for one hub and one reader, or it is told why not."""

from pathlib import Path

import pytest

from wire.cursor import BadCursor, CursorFile


def test_a_cursor_file_keeps_the_place_for_one_hub(tmp_path: Path) -> None:
    kept = CursorFile(tmp_path / "place.json", "http://one.example")
    assert kept.read() is None
    kept.write(41)
    kept.write(42, "exercise.example/log+1a2b3c4d")
    again = CursorFile(tmp_path / "place.json", "http://one.example")
    assert (again.read(), again.log) == (42, "exercise.example/log+1a2b3c4d")
    assert [path.name for path in tmp_path.iterdir()] == ["place.json"]
    with pytest.raises(BadCursor, match=r"belongs to http://one\.example"):
        CursorFile(tmp_path / "place.json", "http://two.example").read()


@pytest.mark.parametrize(
    "content",
    [
        "", "[]", "5", '{"hub":"http://one.example"}', '{"hub":"http://one.example","after":"x"}',
        '{"hub":"http://one.example","after":true}', '{"hub":"http://one.example","after":9223372036854775808}',
        '{"hub":"http://one.example","after":-2}',
    ],
)  # fmt: skip
def test_any_other_file_is_no_cursor(tmp_path: Path, content: str) -> None:
    path = tmp_path / "place.json"
    path.write_text(content)
    with pytest.raises(BadCursor, match=r"place\.json"):
        CursorFile(path, "http://one.example").read()


def test_two_readers_of_one_file_are_told_apart_and_the_place_of_one_stays(tmp_path: Path) -> None:
    path = tmp_path / "place.json"
    first, second = (CursorFile(path, "http://one.example") for _ in range(2))
    assert (first.read(), second.read()) == (None, None)
    first.write(7)
    with pytest.raises(BadCursor, match="a file of its own"):
        second.write(3)
    first.write(8)
    assert CursorFile(path, "http://one.example").read() == 8
    assert [each.name for each in tmp_path.iterdir()] == ["place.json"]


@pytest.mark.parametrize("name", ["nowhere/place.json", "file/place.json", "", "/proc/place.json"])
def test_a_file_that_cannot_be_kept_is_told_before_anything_is_read(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(BadCursor, match="No place can be kept"):
        CursorFile(tmp_path / name, "http://one.example").read()
