"""Which files hold a word, also of a service that runs and puts other files in their places meanwhile."""

import os
from pathlib import Path


def files_with(directory: Path, word: str) -> list[str]:
    """Give the paths of the files below a directory that hold the word, in whatever letters, in order."""
    wanted = word.lower().encode()
    paths = sorted(Path(folder, name) for folder, _, names in os.walk(directory) for name in names)
    return [str(path.relative_to(directory)) for path in paths if wanted in _content(path).lower()]


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes() if path.is_file() else b""
    except FileNotFoundError:  # it was there when it was listed: a draft, or a journal that has done its work
        return b""
