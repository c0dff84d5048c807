"""The one byte sequence of a JSON value: RFC 8785, restricted to what this network says (no floats)."""

from typing import Any

import orjson
import rfc8785

from schemas.body import canonical as quick_form


def canonical(value: Any) -> bytes:
    """Serialise; ValueError for what has no canonical form here (floats, integers from 2^53, lone surrogates)."""
    try:
        return rfc8785.dumps(_without_floats(value))
    except rfc8785.CanonicalizationError as error:
        raise ValueError(f"no canonical form: {error}") from None


def is_canonical(data: bytes, parsed: Any) -> bool:
    """Whether `data` is the canonical form of its own parse; what is nested too deep to be written has none."""
    try:
        return quick_form(parsed) == data
    except (rfc8785.CanonicalizationError, orjson.JSONEncodeError, RecursionError):
        return False


def _without_floats(value: Any) -> Any:
    if isinstance(value, float):
        raise ValueError(f"no canonical form: {value!r} is a float; write decimals as strings")  # noqa: TRY004
    if isinstance(value, dict):
        return {name: _without_floats(member) for name, member in value.items()}
    if isinstance(value, list | tuple):
        return [_without_floats(member) for member in value]
    return value
