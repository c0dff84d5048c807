"""Tests of wire/system_errors.py: which file, what is wrong with it, and what to do."""

import errno
import os
from pathlib import Path

import pytest

from wire.system_errors import about, in_words


def refused(path: Path) -> OSError:
    with pytest.raises(OSError, match=r"Errno") as error:
        path.read_bytes()
    return error.value


def test_an_error_names_file_cause_and_what_to_do(tmp_path: Path) -> None:
    assert in_words(refused(tmp_path)) == f"{tmp_path}: Is a directory; a file was expected there"
    absent = in_words(refused(tmp_path / "b"))
    assert absent.startswith(f"{tmp_path}/b: No such file or directory; see how it is spelt")
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    assert in_words(full) == "No space left on device; free some, and run the command again"
    assert in_words(full, "standard output").startswith("standard output: No space left")
    assert in_words(OSError(errno.ECHILD, "No children"), "standard output") == "No children"
    assert in_words(OSError(errno.ELOOP, "Too many links", "a")) == "a: Too many links"
    assert in_words(OSError(errno.EXDEV, "Invalid link", "draft", None, b"place")) == "place: Invalid link"


def test_an_error_of_our_own_is_told_as_it_is() -> None:
    assert in_words(TimeoutError("no answer within 3 s")) == "no answer within 3 s"


def test_what_goes_wrong_in_writing_is_said_of_the_file_that_was_asked_for() -> None:
    with pytest.raises(OSError, match="No space left") as error, about("backup"):
        raise OSError(errno.ENOSPC, "No space left on device", ".draft", None, "other")
    assert in_words(error.value).startswith("backup: No space left on device")
    for name, said in ((None, "backup"), ("key.pem", "key.pem")):
        with pytest.raises(OSError, match="No space left") as error, about("backup", unnamed=True):
            raise OSError(errno.ENOSPC, "No space left on device", name)
        assert in_words(error.value).startswith(f"{said}: No space left on device")


def test_an_error_of_our_own_keeps_its_sentence() -> None:
    with pytest.raises(FileExistsError) as error, about("backup"):
        raise FileExistsError("it exists already")
    assert str(error.value) == in_words(error.value) == "it exists already"
