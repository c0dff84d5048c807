"""DIR/unsubscribed: which recipients have ended their mail, kept where no restored database can undo it.

No address is in it, and nothing that a link could be made of: a recipient is told by the hash of its name in the
tables.
"""

import hashlib
import threading
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, NamedTuple

from hub.log_checks import LogDamaged
from wire.durable_file import append_durably, replace_durably, whole_lines
from wire.encoding import b64url, from_b64url
from wire.seal import timestamp

UNSUBSCRIBED_FILE: Final = "unsubscribed"
KEPT: Final = timedelta(days=400)  # docs/operations.md says so too
_ENDED: Final = "ended"
_AGAIN: Final = "again"


class _Found(NamedTuple):
    ended: dict[bytes, str]  # since when
    lines: int


class UnsubscribedList:
    """Append-only: what was done, by whom and when on a line. Without a path it is kept in memory."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._ended, self._lines = _Found({}, 0) if path is None else _read(path)

    def __contains__(self, target: str) -> bool:
        return _digest(target) in self._ended

    def __len__(self) -> int:
        return len(self._ended)

    def ended(self, target: str, now: datetime) -> None:
        """Note that a recipient has ended it; on the disk when this returns."""
        with self._lock:
            if (digest := _digest(target)) not in self._ended:
                self._append(_ENDED, digest, timestamp(now))
                self._ended[digest] = timestamp(now)

    def again(self, target: str, now: datetime) -> None:
        """Note that a recipient wants it after all; on the disk when this returns."""
        with self._lock:
            if (digest := _digest(target)) in self._ended:
                self._append(_AGAIN, digest, timestamp(now))
                del self._ended[digest]

    def forget(self, now: datetime) -> None:
        """Leave out what is too old, and what was taken back; a full disk does not mind."""
        with self._lock, suppress(OSError):
            oldest = timestamp(now - KEPT)
            kept = {digest: at for digest, at in self._ended.items() if at > oldest}
            if self._path is not None and len(kept) < self._lines:
                replace_durably(self._path, b"".join(_line(_ENDED, digest, at) for digest, at in kept.items()))
                self._lines = len(kept)
            self._ended = kept

    def _append(self, what: str, digest: bytes, at: str) -> None:
        if self._path is None:
            return
        append_durably(self._path, _line(what, digest, at))
        self._lines += 1


def _digest(target: str) -> bytes:
    return hashlib.sha256(f"unsubscribed {target}".encode()).digest()


def _line(what: str, digest: bytes, at: str) -> bytes:
    return f"{what} {b64url(digest)} {at}\n".encode()


def _read(path: Path) -> _Found:
    ended: dict[bytes, str] = {}
    lines = whole_lines(path)
    for number, line in enumerate(lines, start=1):
        try:
            what, digest, at = _said(line)
        except ValueError:
            text = f"{path}, line {number}, names no recipient; take the file from a backup, or leave out this line: "
            raise LogDamaged(text + "then whoever it named may get mail again after a restore") from None
        if what == _ENDED:
            ended[digest] = at
        else:
            ended.pop(digest, None)
    return _Found(ended, len(lines))


def _said(line: bytes) -> tuple[str, bytes, str]:
    what, encoded, at = line.decode("ascii").split(" ")
    if what not in {_ENDED, _AGAIN}:
        raise ValueError(what)
    return what, from_b64url(encoded, size=32), timestamp(datetime.fromisoformat(at))
