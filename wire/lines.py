"""Cuts lines out of a stream of bytes, and holds no more of one than it may have."""

import re
import time
from collections.abc import Iterable, Iterator
from typing import Final

_END: Final = re.compile(rb"\r\n|\n|\r")  # as streams of events have them, and no others: HTML standard, 9.2.5


class Endless(ValueError):
    """A line that is too long, or takes too long; the message says which."""


def lines(parts: Iterable[bytes], most: int, seconds: float) -> Iterator[str]:
    """Give each line once it is whole; Endless for one of more than `most` bytes or `seconds`."""
    held, begun, cut = bytearray(), 0.0, False
    for part in filter(None, parts):
        # A line that ended with CR was given at once: an LF after it ends no other.
        *whole, rest = _END.split(part[1:] if cut and part.startswith(b"\n") else part)
        cut = part.endswith(b"\r")
        for piece in whole:
            yield _held(held, piece, most).decode("utf-8", "replace")
            held.clear()
        if not held:
            begun = time.monotonic()
        _held(held, rest, most)
        if held and time.monotonic() - begun > seconds:
            raise Endless(f"a line that had not ended after {seconds:.0f} seconds")


def _held(held: bytearray, piece: bytes, most: int) -> bytearray:
    held += piece
    if len(held) > most:
        raise Endless(f"a line of more than {most} bytes")
    return held
