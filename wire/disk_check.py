"""The check of a service's disk: how much of it is free, told before it is full."""

import shutil
from pathlib import Path
from typing import Final

from schemas.sentences import sentence
from wire.examination import Check, Checks

LEAST_FREE: Final = 0.05  # of the disk
LOW: Final = 2  # times the least: then it is time to make room


def check_disk(checks: Checks, directory: Path, when_full: str) -> Check:
    """See how much of the disk under a directory is free; `when_full` is what to do, and what happens else.

    Raises OSError if the directory cannot be looked at.
    """
    usage = shutil.disk_usage(directory)
    share = usage.free / usage.total
    said = sentence(
        "{free} GiB are free, {share} of the disk.", free=f"{usage.free / 1024**3:.1f}", share=f"{share:.0%}"
    )
    if share < LEAST_FREE:
        return checks.failed("disk", said, when_full)
    if share < LOW * LEAST_FREE:
        what = sentence("Make room before less than {least_free} is left.", least_free=f"{LEAST_FREE:.0%}")
        return checks.warned("disk", said, what)
    return checks.passed("disk", said)
