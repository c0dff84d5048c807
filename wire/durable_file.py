"""Replaces a file of a node's or hub's own state, or appends to it: a power cut leaves the old content or the new."""

import os
from pathlib import Path


def replace_durably(path: Path, content: bytes) -> None:
    """Replace a file as a whole, mode 0600; the content and the file's name are on the disk when this returns.

    A command that root runs leaves it to the owner of the folder, whose service is to read it.
    """
    fresh = path.with_name(f".{path.name}.new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        if os.geteuid() == 0:
            folder = path.parent.stat()
            os.fchown(descriptor, folder.st_uid, folder.st_gid)
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    sync_folder(path.parent)


def append_durably(path: Path, lines: bytes) -> None:
    """Append whole lines, mode 0600; they are on the disk when this returns, and no half one is after OSError."""
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "wb", buffering=0) as file:
        before = os.fstat(descriptor).st_size
        try:
            rest = memoryview(lines)
            while rest:
                rest = rest[file.write(rest) or 0 :]
            os.fsync(descriptor)
        except OSError:
            os.ftruncate(descriptor, before)  # or it would begin the next line
            raise
    sync_folder(path.parent)


def whole_lines(path: Path) -> list[bytes]:
    """Read what was appended; half a line at its end is taken off: its writer was killed, and nothing came of it."""
    if not path.exists():
        return []
    data = path.read_bytes()
    whole = data.rfind(b"\n") + 1
    if whole != len(data):
        os.truncate(path, whole)
    return data[:whole].splitlines()


def sync_folder(folder: Path) -> None:
    """Put on the disk which names a folder has: a file that was written and synced can still lose its name."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
