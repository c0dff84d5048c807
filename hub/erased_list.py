"""DIR/erased: hashes of the statements whose bodies are destroyed, kept where no restored database can undo it."""

import os
from collections.abc import Iterable
from pathlib import Path

from hub.log_checks import LogDamaged
from wire.encoding import b64url, from_b64url

ERASED_FILE = "erased"


class ErasedList:
    """Append-only: one hash a line. Without a path it is kept in memory, for a hub that has no directory."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._hashes = set() if path is None else _read(path)

    def __contains__(self, digest: bytes) -> bool:
        return digest in self._hashes

    @property
    def hashes(self) -> frozenset[bytes]:
        """All of them."""
        return frozenset(self._hashes)

    def add(self, hashes: Iterable[bytes]) -> None:
        """Append those that are new; they are on the disk when this returns."""
        new = [digest for digest in dict.fromkeys(hashes) if digest not in self._hashes]
        if not new:
            return
        if self._path is not None:
            descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(b"".join(b64url(digest).encode() + b"\n" for digest in new))
                file.flush()
                os.fsync(file.fileno())
            _sync_folder(self._path.parent)
        self._hashes.update(new)


def _read(path: Path) -> set[bytes]:
    if not path.exists():
        return set()
    data = path.read_bytes()
    whole = data.rfind(b"\n") + 1
    if whole != len(data):
        os.truncate(path, whole)  # a hub was killed while it wrote; nothing had been committed by then
    found = set()
    for number, line in enumerate(data[:whole].splitlines(), start=1):
        try:
            found.add(from_b64url(line, size=32))
        except ValueError:
            text = (
                f"{path}, line {number}, is no hash of a statement; take the file from a backup, and leave out nothing"
            )
            raise LogDamaged(text) from None
    return found


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
