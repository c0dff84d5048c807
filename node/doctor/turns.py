"""One at a time: an examination takes a connection to the bus, of which there are few, a backup the whole disk."""

import threading
from typing import Self

from node.refusal import Refusal
from schemas.sentences import gettext_noop as N_

WAIT_SECONDS = 20.0


class Turns:
    """A lock that is not waited for without end; Refusal `busy` instead."""

    def __init__(self, seconds: float = WAIT_SECONDS) -> None:
        self._lock = threading.Lock()
        self._seconds = seconds

    def __enter__(self) -> Self:
        if not self._lock.acquire(timeout=self._seconds):
            raise Refusal("busy", N_("This runs already, for somebody else. Try again in a minute."))
        return self

    def __exit__(self, *_error: object) -> None:
        self._lock.release()
