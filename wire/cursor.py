"""The file in which a reader keeps its place: whose index it is, of which hub and log."""

from pathlib import Path
from typing import Any, Final

import orjson

from wire.client import HubError
from wire.system_errors import in_words
from wire.whole_file import check_writable, write_whole

MAX_INDEX: Final = 2**63 - 1  # the last that a hub's tables hold


class BadCursor(HubError):
    """A cursor file that cannot be used; the message says why."""


class CursorFile:
    """Keeps the last index seen, for one hub and one reader. Trusted for nothing but where to go on."""

    def __init__(self, path: Path, address: str) -> None:
        self.log: str | None = None  # whose index it is
        self._path = path
        self._address = address
        self._kept: bytes | None = None

    def read(self) -> int | None:
        """Give the index; None if there is no file yet, BadCursor for one of something else, or if none can be kept."""
        try:
            check_writable(self._path)
            self._kept = self._content()
        except OSError as error:
            raise BadCursor(f"No place can be kept. {in_words(error)}") from None
        if self._kept is None:
            return None
        document = self._parsed(self._kept)
        hub, after, log = document["hub"], document["after"], document.get("log")
        if hub != self._address:
            raise BadCursor(f"{self._path} belongs to {hub}, not to {self._address}; name another file")
        if type(after) is not int or not -1 <= after <= MAX_INDEX:
            raise BadCursor(f"{self._path} holds {after!r} as the last index; remove it to begin anew")
        self.log = log if isinstance(log, str) else None
        return after

    def write(self, after: int, log: str | None = None) -> None:
        """Keep an index, so that a reader who is killed goes on from there; BadCursor if another reader does too."""
        if self._content() != self._kept:
            raise BadCursor(f"{self._path} was changed by another reader meanwhile; give each reader a file of its own")
        content = orjson.dumps({"hub": self._address, "after": after, "log": log}) + b"\n"
        write_whole(self._path, content)
        self._kept = content

    def _content(self) -> bytes | None:
        try:
            return self._path.read_bytes()
        except FileNotFoundError:
            return None

    def _parsed(self, content: bytes) -> dict[str, Any]:
        try:
            document = orjson.loads(content)
        except orjson.JSONDecodeError:
            document = None
        if isinstance(document, dict) and {"hub", "after"} <= document.keys():
            return document
        raise BadCursor(f"{self._path} is no cursor file; name another file, or remove it")
