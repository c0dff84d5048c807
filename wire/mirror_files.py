"""The files of a mirror: tiles that are written as the tree grows, and which of them a grown tree needs no more."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from wire.log_source import DirectoryLog
from wire.merkle import HASH_SIZE
from wire.tiles import HEIGHT, WIDTH, perfect_root, tile_path

_LEVEL: Final = re.compile(r"[0-9]{1,2}")


class BadMirror(Exception):
    """What the hub shows is not what it signed or showed before, or the mirror is damaged; the message has both."""


class GrowingTiles:
    """The tiles of a growing tree, written full as they fill, and partial at the end."""

    def __init__(self, directory: Path, size: int, here: DirectoryLog, written: list[Path]) -> None:
        self._directory = directory
        self._written = written
        self._rows: list[list[bytes]] = []
        self._numbers: list[int] = []
        for level in range(-(-size.bit_length() // HEIGHT)):
            hashes = size >> HEIGHT * level
            number, width = divmod(hashes, WIDTH)
            row = here.tile(level, number, width) if width else b""
            self._rows.append([row[at : at + HASH_SIZE] for at in range(0, len(row), HASH_SIZE)])
            self._numbers.append(number)

    def append(self, leaf: bytes, level: int = 0) -> None:
        """Add a hash to a level."""
        if level == len(self._rows):
            self._rows.append([])
            self._numbers.append(0)
        row = self._rows[level]
        row.append(leaf)
        if len(row) == WIDTH:
            self._write(level, self._numbers[level], row)
            self._rows[level] = []
            self._numbers[level] += 1
            self.append(perfect_root(b"".join(row)), level + 1)

    def flush(self) -> None:
        """Write what is not full."""
        for level, row in enumerate(self._rows):
            if row:
                self._write(level, self._numbers[level], row)

    def _write(self, level: int, number: int, row: list[bytes]) -> None:
        path = self._directory / f"tile/{level}" / tile_path(number, len(row))
        self._written.append(path)
        write_file(path, b"".join(row))


def superseded(directory: Path, size: int) -> Iterator[Path]:
    """Partial tiles and bundles other than those of this size."""
    tiles = directory / "tile"
    folders = [path for path in tiles.iterdir() if path.is_dir()] if tiles.is_dir() else []
    for folder in folders:
        if folder.name != "entries" and not _LEVEL.fullmatch(folder.name):
            continue  # what else a disk or a person has put there
        level = 0 if folder.name == "entries" else int(folder.name)
        number, width = divmod(size >> HEIGHT * level, WIDTH)
        current = folder / tile_path(number, width) if width else None
        yield from (path for path in folder.rglob("*.p/*") if path != current)


def write_file(path: Path, content: bytes, *, durable: bool = True) -> None:
    """Write a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.new")
    with draft.open("wb") as file:
        file.write(content)
        if durable:
            file.flush()
            os.fsync(file.fileno())
    draft.replace(path)
