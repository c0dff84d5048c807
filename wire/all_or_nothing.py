"""Makes several things in a directory, or none of them."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def all_or_nothing(directory: Path) -> Iterator[None]:
    """Take away what was made in the directory, if not all of it could be: what was there before stays."""
    before = set(directory.iterdir())
    try:
        yield
    except BaseException:
        for path in set(directory.iterdir()) - before:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        raise
