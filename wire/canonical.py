"""The one byte sequence of a JSON value: RFC 8785, restricted to what this network says (no floats)."""

from typing import Any

import orjson
import rfc8785

from schemas.body import MAX_DEPTH
from schemas.body import canonical as quick_form


def canonical(value: Any) -> bytes:
    """Serialise; ValueError for what has no canonical form here: see the contract's profile.

    Floats, integers from 2^53, lone surrogates, more than 16 levels.
    """
    try:
        return rfc8785.dumps(_in_profile(value, MAX_DEPTH))
    except rfc8785.CanonicalizationError as error:
        raise ValueError(f"no canonical form: {error}") from None


def is_canonical(data: bytes, parsed: Any) -> bool:
    """Whether `data` is the canonical form of its own parse; what is nested too deep to be written has none."""
    try:
        return quick_form(parsed) == data
    except (rfc8785.CanonicalizationError, orjson.JSONEncodeError, RecursionError):
        return False


def _in_profile(value: Any, levels: int) -> Any:
    if isinstance(value, float):
        raise ValueError(f"no canonical form: {value!r} is a float; write decimals as strings")  # noqa: TRY004
    if isinstance(value, dict | list | tuple) and not levels:
        raise ValueError(f"no canonical form: more than {MAX_DEPTH} levels deep")
    if isinstance(value, dict):
        return {name: _in_profile(member, levels - 1) for name, member in value.items()}
    if isinstance(value, list | tuple):
        return [_in_profile(member, levels - 1) for member in value]
    return value
