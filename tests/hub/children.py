"""Which worker processes this one has now, as Linux tells."""

import os
from pathlib import Path

import pytest

TELLS = Path("/proc/self/task").exists()
needs_proc = pytest.mark.skipif(not TELLS, reason="needs /proc: run the tests on Linux")


def children_of(module: str) -> set[int]:
    """Pids of the processes of this one that run a module."""
    own = os.getpid()
    children = Path(f"/proc/{own}/task/{own}/children").read_text().split()
    return {int(pid) for pid in children if module.encode() in Path(f"/proc/{pid}/cmdline").read_bytes()}
