"""One service for each directory: a lock that the system frees however its holder ends."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LOCK_FILE = "serve.lock"


class AlreadyServed(ValueError):
    """Another process serves this directory."""


@contextmanager
def sole_server(directory: Path) -> Iterator[None]:
    """Hold the directory's lock; AlreadyServed when another process does."""
    path = directory / LOCK_FILE
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            pid = file.read().strip() or "unknown"
            raise AlreadyServed(
                f"{directory} is served already by process {pid}; stop that one first, or use the one that runs"
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def is_served(directory: Path) -> bool:
    """Whether a process serves this directory now."""
    try:
        with (directory / LOCK_FILE).open("r") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False
