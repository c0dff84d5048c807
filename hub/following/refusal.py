"""When the followed hub shows what cannot be true: nothing of it is taken, and what it showed is kept as evidence."""

import hashlib
from pathlib import Path
from typing import Any, Final

import orjson

from wire.durable_file import replace_durably
from wire.encoding import b64url

FOLDER: Final = "evidence"


class LogRefused(Exception):
    """What was shown contradicts what it must be. `name` is a code word; `evidence` are members of a JSON document.

    Something that is only not there is no reason for it: that is waited for.
    """

    def __init__(self, name: str, found: str, expected: str, **evidence: Any) -> None:
        super().__init__(f"{name}: found {found}; expected {expected}")
        self.name = name
        self.found = found
        self.expected = expected
        self.evidence = evidence

    def document(self, hub: str, at: str) -> bytes:
        """Give it as a file: what, from which hub, when by this hub's clock."""
        shown = {name: _shown(value) for name, value in self.evidence.items()}
        what = {"refused": self.name, "found": self.found, "expected": self.expected, "hub": hub, "at": at}
        return orjson.dumps(what | {"evidence": shown}, option=orjson.OPT_INDENT_2) + b"\n"


def keep_evidence(directory: Path, refused: LogRefused, hub: str, at: str) -> Path:
    """Write it to DIR/evidence, durably; gives the file."""
    document = refused.document(hub, at)
    folder = directory / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / f"refused-{refused.name}-{hashlib.sha256(document).hexdigest()[:12]}.json"
    replace_durably(path, document)
    return path


def _shown(value: Any) -> Any:
    if not isinstance(value, bytes):
        return value
    return b64url(value) if len(value) == hashlib.sha256().digest_size else value.decode("utf-8", "replace")
