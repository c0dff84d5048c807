"""Tests of making several things in a directory, or none of them."""

from pathlib import Path

import pytest

from wire.all_or_nothing import all_or_nothing


def make(directory: Path) -> None:
    (directory / "keys" / "2").mkdir(parents=True)
    (directory / "keys" / "2" / "a.pem").touch()
    (directory / "settings.toml").touch()


def test_what_was_made_stays_if_all_of_it_was(tmp_path: Path) -> None:
    with all_or_nothing(tmp_path):
        make(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"keys", "settings.toml"}


@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt])
def test_nothing_stays_of_what_failed_but_what_was_there_before(tmp_path: Path, error: type[BaseException]) -> None:
    (tmp_path / "notes.txt").touch()

    def fail() -> None:
        with all_or_nothing(tmp_path):
            make(tmp_path)
            raise error

    with pytest.raises(error):
        fail()
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]
