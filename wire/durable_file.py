"""Replaces a file of a node's or hub's own state: after a power cut it has its old content or its new one."""

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


def sync_folder(folder: Path) -> None:
    """Put on the disk which names a folder has: a file that was written and synced can still lose its name."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
