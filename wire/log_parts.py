"""Parts of a log as they come from outside: what has no possible form is as good as missing.

LogError
├── LogAway      nothing answers, also after several tries: try again later
└── PartMissing  something answers, but this part of the log is not there or has no possible form
"""

from typing import Any

from wire.merkle import HASH_SIZE
from wire.tiles import WIDTH, BadTile, parse_bundle


class LogError(Exception):
    """The log cannot be read further; the message says what, and what to do."""


class LogAway(LogError):
    """Nothing answers."""


class PartMissing(LogError):
    """A part that the log must have is not there, or is none."""


def sizes_in(page: dict[str, Any]) -> list[int] | None:
    """Sizes in a page of checkpoints; None if it is none."""
    try:
        sizes = [item["size"] for item in page["items"] if item["quorum"]]
    except (KeyError, TypeError):
        return None
    return sizes if all(type(size) is int for size in sizes) else None


def cut_tile(data: bytes, level: int, number: int, width: int) -> bytes:
    """Give the first `width` hashes of a tile that may be wider; PartMissing where it has fewer."""
    if len(data) % HASH_SIZE or len(data) < width * HASH_SIZE:
        raise PartMissing(f"tile {level}/{number} has {len(data)} bytes; {width * HASH_SIZE} were expected")
    return data[: width * HASH_SIZE]


def cut_bundle(data: bytes, number: int, width: int) -> list[bytes]:
    """Give the first `width` entries of a bundle that may be wider; PartMissing where it has fewer."""
    place, found = 0, 0
    while place + 2 <= len(data):  # it may be wider than was asked for
        place += 2 + int.from_bytes(data[place : place + 2], "big")
        found += 1
    try:
        return parse_bundle(data, max(width, min(found, WIDTH)))[:width]
    except BadTile as error:
        raise PartMissing(f"bundle {number}: {error}") from None
