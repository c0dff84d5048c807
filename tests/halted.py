"""A process that stands still for a while: it does nothing, and whoever waits for it does not know why."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def halted(pid: int | None) -> Iterator[None]:
    """Stop a running process in its tracks until the end of the block."""
    assert pid is not None, "it does not run"
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)
