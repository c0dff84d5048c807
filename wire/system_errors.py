"""Errors of the operating system in words: which file, what is wrong with it, and what to do."""

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

OUTPUT: Final = "standard output"
# What writing may come to; Python names no file then.
_WRITING: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})
_FREE: Final = "free some, and run the command again"
_RIGHTS: Final = "see whose it is, and run the command as a user who may"
_WHAT_TO_DO: Final = {
    errno.ENOSPC: _FREE,
    errno.EDQUOT: _FREE,
    errno.EACCES: _RIGHTS,
    errno.EPERM: _RIGHTS,
    errno.EROFS: "name a place that can be written",
    errno.ENOENT: "see how it is spelt, and that its directory exists",
    errno.EISDIR: "a file was expected there",
    errno.ENOTDIR: "a directory was expected there",
    errno.EIO: "the disk may be failing: see the system's own log",
}


def in_words(error: OSError, written: str = "") -> str:
    """Give a sentence; an error of our own has one already. `written` is what was, where writing failed unnamed."""
    if error.errno is None:
        return str(error)
    said = error.strerror or type(error).__name__
    what = _WHAT_TO_DO.get(error.errno)
    return f"{_place(error, written)}{said}" + (f"; {what}" if what else "")


@contextmanager
def about(path: Path | str, *, unnamed: bool = False) -> Iterator[None]:
    """What goes wrong in the block is said of this file, as the name of a draft says nothing.

    `unnamed`: only what has no name yet. Writing gives none: on a full disk nobody would know which.
    """
    try:
        yield
    except OSError as error:
        if error.errno is not None and (error.filename is None or not unnamed):
            error.filename, error.filename2 = str(path), None
        raise


def output_left() -> OSError | None:
    """Write out what standard output still holds; the error if that cannot be, and then the rest is let go."""
    try:
        sys.stdout.flush()
    except OSError as error:
        error.filename = OUTPUT
        with suppress(OSError, ValueError):  # else Python tries once more at its end, and says so in its own way
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return error
    return None


def _place(error: OSError, written: str) -> str:
    name = error.filename if error.filename2 is None else error.filename2
    if name is None and error.errno in _WRITING:
        name = written
    return "" if not name or isinstance(name, int) else f"{os.fsdecode(name)}: "
