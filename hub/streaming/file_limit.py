"""As many open files as the system allows: each live reader is one, and many systems begin with 1,024."""

import resource
from typing import Final

WANTED: Final = 65_536
# What a hub needs beside its live readers: pages, database, bus, files.
BESIDE: Final = 300


def raise_file_limit(wanted: int = WANTED) -> int:
    """Raise this process's limit as far as it may; gives how many files it may have open."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
        soft = most
    return wanted if soft == resource.RLIM_INFINITY else soft


def readers_possible(wanted: int, files: int) -> int:
    """Give how many live readers there is room for, with so many files."""
    return max(1, min(wanted, files - BESIDE))
