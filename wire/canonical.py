"""The one byte sequence of a JSON value: RFC 8785, restricted to what this network says (no floats)."""

import re
from typing import Any

import orjson
import rfc8785

_BEYOND_BASIC_PLANE = re.compile(rb"[\xf0-\xff]")


def canonical(value: Any) -> bytes:
    """Serialise; ValueError for what has no canonical form here (floats, integers from 2^53, lone surrogates)."""
    try:
        return rfc8785.dumps(_without_floats(value))
    except rfc8785.CanonicalizationError as error:
        raise ValueError(f"no canonical form: {error}") from None


def is_canonical(data: bytes, parsed: Any) -> bool:
    """Whether `data` is the canonical form of its own parse.

    orjson sorts members by code point and RFC 8785 by UTF-16 unit; they differ only where a name holds a
    character beyond the basic plane, which starts with a byte from 0xF0 in UTF-8.
    """
    if data.isascii() or not _BEYOND_BASIC_PLANE.search(data):
        return orjson.dumps(parsed, option=orjson.OPT_SORT_KEYS) == data
    try:
        return rfc8785.dumps(parsed) == data
    except rfc8785.CanonicalizationError:
        return False


def _without_floats(value: Any) -> Any:
    if isinstance(value, float):
        raise ValueError(f"no canonical form: {value!r} is a float; write decimals as strings")  # noqa: TRY004
    if isinstance(value, dict):
        return {name: _without_floats(member) for name, member in value.items()}
    if isinstance(value, list | tuple):
        return [_without_floats(member) for member in value]
    return value
