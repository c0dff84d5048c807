"""CPU time of processes, the unit that noise on a shared machine moves least (Linux; empty elsewhere)."""

import os
from pathlib import Path


def cpu_seconds(pids: list[int]) -> float:
    """User and system time that these processes have used."""
    total = 0.0
    for pid in pids:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        except FileNotFoundError:
            continue
        total += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return total


def run_seconds(pids: list[int]) -> float:
    """The same to the nanosecond."""
    total = 0
    for pid in pids:
        try:
            total += int(Path(f"/proc/{pid}/schedstat").read_text().split()[0])
        except FileNotFoundError:
            continue
    return total / 1e9


def children() -> list[int]:
    """The processes that this one has started."""
    try:
        return [int(pid) for pid in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()]
    except FileNotFoundError:
        return []
