"""Text that others wrote, harmless where people read it: it moves no cursor, clears nothing, turns no line around."""

import re
from typing import Final

# What a terminal obeys (C0, DEL, C1), what ends a line elsewhere, what turns the order of letters, and half letters.
# What only joins or parts letters stays: Persian, Hindi and French cannot be written without it.
_HARMFUL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_BREAK: Final = re.compile(r"[\n\t]")


def readable(text: str) -> str:
    """Give the text with a mark in place of each character that does harm; line ends and tabs stay."""
    return _HARMFUL.sub("\ufffd", text)


def readable_line(text: str) -> str:
    """Give the text in one line, so that none of it can pass for a line of its own."""
    return _BREAK.sub(" ", readable(text))


def readable_json(document: bytes) -> bytes:
    """Give a JSON document that means the same and does no harm: within its strings there are other ways to say it."""
    text = document.decode("utf-8", "replace")
    return _HARMFUL.sub(lambda found: f"\\u{ord(found[0]):04x}", text).encode()
