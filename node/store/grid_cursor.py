"""Where the next page of the grid begins, as a text in its address: the values that rows are sorted by."""

import base64
import binascii
from collections.abc import Sequence
from typing import Final

import orjson

MAX_NUMBER: Final = 2**63


class BadCursor(ValueError):
    """A place in a list that no page of ours names."""


def make_cursor(values: Sequence[str | int]) -> str:
    """Give the text for the place behind a row: the values that it is sorted by, its number last."""
    return base64.urlsafe_b64encode(orjson.dumps(list(values))).decode().rstrip("=")


def read_cursor(text: str, number: int) -> list[str | int]:
    """Give so many values, the last of which is a number; BadCursor for what is none."""
    try:
        found = orjson.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (binascii.Error, ValueError):
        raise BadCursor from None
    expected = [str] * (number - 1) + [int]
    if not isinstance(found, list) or [type(each) for each in found] != expected or abs(found[-1]) >= MAX_NUMBER:
        raise BadCursor
    return found
