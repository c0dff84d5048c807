"""Tests of wire/whole_file.py: a file is there whole, or as it was before, and no draft is left."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from wire.whole_file import check_writable, write_whole


@contextmanager
def full(most: int = 10) -> Iterator[None]:
    """As on a full disk, no file grows beyond so many bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_an_older_file_stays_when_there_is_no_room_for_the_new_one(tmp_path: Path) -> None:
    path = tmp_path / "evidence.json"
    write_whole(path, b"good")
    with full(), pytest.raises(OSError, match="File too large") as error:
        write_whole(path, b"x" * 100)
    assert (error.value.filename, path.read_bytes(), [*tmp_path.iterdir()]) == (str(path), b"good", [path])
    with full(), pytest.raises(OSError, match="File too large"):
        check_writable(path)
    assert [*tmp_path.iterdir()] == [path]
    write_whole(path, b"x" * 100)
    assert path.read_bytes() == b"x" * 100


def test_a_place_that_is_none_is_named_and_never_its_draft(tmp_path: Path) -> None:
    for path in (tmp_path / "nowhere" / "file", tmp_path):
        with pytest.raises(OSError, match=r"directory|busy") as error:
            write_whole(path, b"x")
        assert error.value.filename == str(path)
    assert [*tmp_path.iterdir()] == []


def test_a_link_and_what_is_no_file_are_written_to_and_never_replaced(tmp_path: Path) -> None:
    link, target = tmp_path / "link", tmp_path / "target"
    target.write_bytes(b"old")
    link.symlink_to(target)
    write_whole(link, b"new")
    assert (link.is_symlink(), target.read_bytes()) == (True, b"new")
    write_whole(Path("/dev/null"), b"new")
    assert not Path("/dev/null").is_file()
    with pytest.raises(OSError, match="No space left"):
        write_whole(Path("/dev/full"), b"new")


def test_a_name_as_long_as_a_name_may_be_can_be_written(tmp_path: Path) -> None:
    write_whole(tmp_path / ("n" * 255), b"x")
    assert (tmp_path / ("n" * 255)).read_bytes() == b"x"
