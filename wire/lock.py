"""A file's lock, which the system frees however its holder ends; whoever only looks holds it for a moment too."""

import fcntl
from pathlib import Path
from time import monotonic, sleep

LOOKERS_SECONDS = 1.0
_PAUSE_SECONDS = 0.01


def take(descriptor: int) -> bool:
    """Hold the lock of an open file until it is closed; false if somebody holds it who does not only look."""
    until = monotonic() + LOOKERS_SECONDS
    while not _locked(descriptor, fcntl.LOCK_EX):
        # Those who look share it, and are soon gone; its holder shares it with nobody.
        if not _locked(descriptor, fcntl.LOCK_SH):
            return False
        fcntl.flock(descriptor, fcntl.LOCK_UN)
        if monotonic() > until:
            return False
        sleep(_PAUSE_SECONDS)
    return True


def is_held(path: Path) -> bool:
    """Whether a process holds the lock of this file now."""
    try:
        with path.open("rb") as file:
            return not _locked(file.fileno(), fcntl.LOCK_SH)
    except OSError:
        return False


def _locked(descriptor: int, how: int) -> bool:
    try:
        fcntl.flock(descriptor, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
