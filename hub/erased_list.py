"""DIR/erased: the statements whose bodies are destroyed, kept where no restored database can undo it.

With their tokens, which are permanent: the bus does not hold them any more, and a restored database must have them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from hub.log_checks import LogDamaged
from wire.durable_file import append_durably, whole_lines
from wire.encoding import b64url, from_b64url

ERASED_FILE = "erased"


@dataclass(frozen=True, slots=True)
class Gone:
    """A statement whose body is destroyed: its hash, its place in the log, and its token."""

    hash: bytes
    index: int
    token: bytes


class ErasedList:
    """Append-only: hash, index and token on a line. Without a path it is kept in memory."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        found = [] if path is None else _read(path)
        self._hashes = {each.hash for each in found}
        self._tokens = {each.index: each.token for each in found}

    def __contains__(self, digest: bytes) -> bool:
        return digest in self._hashes

    @property
    def hashes(self) -> frozenset[bytes]:
        """All of them."""
        return frozenset(self._hashes)

    def token_at(self, index: int) -> bytes | None:
        """Give the token at this place in the log, if its body is destroyed."""
        return self._tokens.get(index)

    def add(self, statements: Iterable[Gone]) -> None:
        """Append those that are new; they are on the disk when this returns."""
        new = list({each.hash: each for each in statements if each.hash not in self._hashes}.values())
        if not new:
            return
        if self._path is not None:
            lines = (b"%s %d %s\n" % (b64url(each.hash).encode(), each.index, each.token) for each in new)
            append_durably(self._path, b"".join(lines))
        self._hashes.update(each.hash for each in new)
        self._tokens.update((each.index, each.token) for each in new)


def _read(path: Path) -> list[Gone]:
    found = []
    for number, line in enumerate(whole_lines(path), start=1):
        try:
            digest, index, token = line.split(b" ")
            found.append(Gone(from_b64url(digest, size=32), int(index), token))
        except ValueError:
            text = f"{path}, line {number}, names no statement; take the file from a backup, and leave out nothing"
            raise LogDamaged(text) from None
    return found
