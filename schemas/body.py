"""The body of an event: its canonical bytes, and whether they are a valid record of their kind."""

import re
from collections.abc import Iterator
from typing import Annotated, Any, Final

import orjson
import rfc8785
from pydantic import Field, StringConstraints, TypeAdapter, ValidationError, create_model

from schemas.fields import MAX_INTEGER, Part
from schemas.forms import form
from schemas.problems import Problem, problem, problems_from, shown
from schemas.quick_body import QuickReader
from schemas.records import KINDS
from schemas.sentences import gettext_noop as N_
from schemas.sentences import sentence

MAX_BYTES: Final = 262_144  # 256 KiB
MAX_DEPTH: Final = 16
WITHDRAWN: Final = "withdrawn"

# 22 characters hold 132 bits, so the last one may only carry the two that belong to the nonce.
_NONCE = form(r"^[A-Za-z0-9_-]{21}[AQgw]$", "be 128 random bits in base64url, 22 characters")
Nonce = Annotated[str, StringConstraints(pattern=_NONCE)]


class Withdrawal(Part):
    """The body that ends a record."""

    nonce: Nonce = Field(description="128 random bits, base64url, so that nobody can guess the body from its hash.")
    reason: Annotated[str, StringConstraints(min_length=1, max_length=1_000)] = Field(description="Why it ends.")


_WITHDRAWAL: Final = TypeAdapter(Withdrawal)
_BODIES: Final[dict[str, TypeAdapter[Any]]] = {
    kind: TypeAdapter(create_model(f"{model.__name__}Body", __base__=Part, nonce=(Nonce, ...), record=(model, ...)))
    for kind, model in KINDS.items()
}
_QUICK: Final = {kind: QuickReader(adapter.core_schema) for kind, adapter in _BODIES.items()}
# In canonical JSON a control character is always escaped, except DEL and the C1 block, which stand as they are.
_ESCAPED_CONTROL: Final = re.compile(rb"(?<!\\)(?:\\\\)*\\[bfru]")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
# Beyond the BMP, UTF-8 order (orjson) and UTF-16 order (RFC 8785) differ: characters that begin with one of these.
_FOUR_BYTES: Final = (b"\xf0", b"\xf1", b"\xf2", b"\xf3", b"\xf4")


def validate_body(kind: str, action: str, body: bytes) -> list[Problem]:
    """What is wrong with a body for this kind and action; empty if it is valid. `KeyError` for an unknown kind."""
    return read_body(kind, action, body)[0]


def read_body(kind: str, action: str, body: bytes) -> tuple[list[Problem], dict[str, Any]]:
    """What is wrong with a body, and what it says, parsed once for both; the second only where nothing is wrong."""
    if action != WITHDRAWN:
        said = _QUICK[kind].read(body)
        if said is not None:
            return [], said
    return _judge(kind, action, body)


def _judge(kind: str, action: str, body: bytes) -> tuple[list[Problem], dict[str, Any]]:
    """By the models, which say what is wrong."""
    adapter = _WITHDRAWAL if action == WITHDRAWN else _BODIES[kind]
    if len(body) > MAX_BYTES:
        return [problem((), sentence("{n} bytes", n=len(body)), sentence("have at most {n} bytes", n=MAX_BYTES))], {}
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        return [
            problem((), sentence("not JSON ({cause})", cause=error), N_("be JSON in UTF-8 without lone surrogates"))
        ], {}
    try:
        adapter.validate_json(body)
    except ValidationError as error:
        # Depth, numbers and characters first: pydantic's words about them would be beside the point.
        return _profile(value) or problems_from(error), {}
    return _form(value, body), value


def make_body(record: dict[str, Any], nonce: str) -> bytes:
    """The canonical body that publishes a record; the record must be of JSON types without floats."""
    return canonical({"nonce": nonce, "record": record})


def make_withdrawal(reason: str, nonce: str) -> bytes:
    """The canonical body that withdraws a record."""
    return canonical({"nonce": nonce, "reason": reason})


def record_of(body: bytes) -> dict[str, Any]:
    """The record in a valid body; `KeyError` in that of a withdrawal."""
    record: dict[str, Any] = orjson.loads(body)["record"]
    return record


def canonical(value: Any) -> bytes:
    """The RFC 8785 form of a value of our profile: no floats, integers below 2^53."""
    data = orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    if not data.isascii() and any(byte in data for byte in _FOUR_BYTES):
        return rfc8785.dumps(value)
    return data


def _form(value: Any, body: bytes) -> list[Problem]:
    """The form of a body whose fields are valid: no nulls, no control characters, canonical bytes."""
    if b":null" in body or b"\x7f" in body or b"\xc2" in body or (b"\\" in body and _ESCAPED_CONTROL.search(body)):
        problems = _profile(value)
        if problems:
            return problems
    if canonical(value) != body:
        return [
            problem(
                (),
                N_("not in canonical form"),
                N_("be the RFC 8785 form of itself: members sorted, no blanks, none twice"),
            )
        ]
    return []


def _profile(value: Any) -> list[Problem]:
    """What breaks the canonical profile: depth, floats, great integers, nulls, control characters."""
    return [found for _, found in zip(range(50), _faults(value, ()), strict=False)]


def _faults(value: Any, path: tuple[str | int, ...]) -> Iterator[Problem]:
    if len(path) >= MAX_DEPTH and isinstance(value, (dict, list)):
        yield problem(
            path, sentence("more than {n} levels deep", n=MAX_DEPTH), sentence("have at most {n} levels", n=MAX_DEPTH)
        )
    elif isinstance(value, dict):
        for key, inner in value.items():
            if _CONTROL.search(key):
                found = sentence("an object with the member {key}", key=shown(key))
                yield problem(path, found, N_("have no control characters in names"))
            yield from _faults(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _faults(inner, (*path, index))
    else:
        allowed = _scalar_fault(value)
        if allowed:
            yield problem(path, shown(value), allowed)


def _scalar_fault(value: Any) -> str | None:
    if value is None:
        return N_("have a value; leave the field out if there is none")
    if isinstance(value, float):
        return N_('be written as text, as "2.5": numbers with a decimal point are not exact')
    if isinstance(value, int) and abs(value) > MAX_INTEGER:
        return sentence("be at most {n}", n=MAX_INTEGER)
    if isinstance(value, str) and _CONTROL.search(value):
        return N_("have no control characters other than line feeds and tabs")
    return None


__all__ = [
    "MAX_BYTES",
    "MAX_DEPTH",
    "canonical",
    "make_body",
    "make_withdrawal",
    "read_body",
    "record_of",
    "validate_body",
]
