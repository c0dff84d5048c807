"""One service for each directory: a lock that the system frees however its holder ends."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from wire import lock
from wire.system_errors import about

LOCK_FILE = "serve.lock"


class AlreadyServed(ValueError):
    """Another process serves this directory."""


@contextmanager
def sole_server(directory: Path) -> Iterator[None]:
    """Hold the directory's lock; AlreadyServed when another process does."""
    path = directory / LOCK_FILE
    with path.open("a+") as file:
        if not lock.take(file.fileno()):
            file.seek(0)
            pid = file.read().strip() or "unknown"
            raise AlreadyServed(
                f"{directory} is served already by process {pid}; stop that one first, or use the one that runs"
            )
        with about(path):  # writing names no file: on a full disk nobody would know which
            file.truncate(0)
            os.write(file.fileno(), str(os.getpid()).encode())  # at once: what waits would fail again on closing
        yield


def is_served(directory: Path) -> bool:
    """Whether a process serves this directory now."""
    return lock.is_held(directory / LOCK_FILE)
