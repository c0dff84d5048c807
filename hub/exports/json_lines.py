"""Records as JSON lines: the very objects of the list, one to a line."""

from collections.abc import Iterable, Iterator
from typing import Final

import orjson

from hub.exports.batches import Item

MEDIA_TYPE: Final = "application/jsonl"


def json_lines(batches: Iterable[list[Item]]) -> Iterator[bytes]:
    """Give the file in pieces, one for each batch."""
    for batch in batches:
        yield b"".join(orjson.dumps(item) + b"\n" for item in batch)
