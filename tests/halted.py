"""A process that stands still for a while: it does nothing, and whoever waits for it does not know why."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def halted(pid: int | None) -> Iterator[None]:
    """Stop a running child process in its tracks until the end of the block."""
    assert pid is not None, "it does not run"
    os.kill(pid, signal.SIGSTOP)
    try:
        _stands_still(pid)
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def _stands_still(pid: int) -> None:
    # The signal only asks: on a busy machine threads on other cores run on, and answer, until each has taken it.
    found = os.waitid(os.P_PID, pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
    assert found is not None, "only a call that does not wait finds nothing"
    assert found.si_code == os.CLD_STOPPED, f"it did not stop, it ended: {found}"
