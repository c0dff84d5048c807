"""Writes a file as a whole or not at all: what was there before stays until the new one is complete."""

import os
import secrets
from pathlib import Path

from wire.system_errors import about


def write_whole(path: Path, content: bytes, *, durable: bool = False) -> None:
    """Put the content there. The draft beside it is each writer's own; OSError names the file, never the draft.

    `durable`: it has reached the disk before what was there goes.
    """
    with about(path):
        if path.exists() and not path.is_file():
            path.write_bytes(content)  # such as /dev/stdout: it is written to, never replaced
            return
        whole = path.resolve()  # what a link leads to, not the link
        draft = _draft(whole, content, durable=durable)
        try:
            os.replace(draft, whole)  # noqa: PTH105 - the atomic one
        except OSError:
            draft.unlink()
            raise


def check_writable(path: Path, size: int = 512) -> None:
    """See that so many bytes can be written beside this file, as write_whole does; OSError if not."""
    with about(path):
        _draft(path.resolve(), bytes(size)).unlink()


def _draft(path: Path, content: bytes, *, durable: bool = False) -> Path:
    draft = path.parent / f".{path.name[:100]}.{secrets.token_hex(4)}.part"
    try:
        with draft.open("xb") as file:
            file.write(content)
            if durable:
                file.flush()
                os.fsync(file.fileno())
    except OSError:
        draft.unlink(missing_ok=True)
        raise
    return draft
