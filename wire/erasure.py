"""Erasure: an organization orders that bodies of its own be destroyed, and whoever held them says that it was done.

An order is about one record (a record with more than 1,000 statements takes several orders), the roots' order about
any records of one organization. All is judged from the log alone, so that every auditor comes to the same effect.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

import orjson

from schemas.fields import KIND_NAMES
from schemas.problems import Problem, problem
from schemas.sentences import gettext_noop as N_
from schemas.sentences import sentence
from schemas.statement import CONTROL, is_record_id
from wire.canonical import is_canonical
from wire.encoding import b64url, from_b64url

ORDERED: Final = "liaison.erasure.ordered"
DONE: Final = "liaison.erasure.done"
MAX_STATEMENTS: Final = 1000
_NAME_OF_DONE: Final = re.compile(r"erased-(0|[1-9][0-9]{0,14})")


class Order(NamedTuple):
    """Whose bodies are to be destroyed: hashes of statements, of `record` (kind/org/id) where an author orders it."""

    organization: str
    record: str | None
    statements: tuple[bytes, ...]


def order_name(sequence: int) -> str:
    """Give the last part of the subject of the order that stands at this sequence of its author's chain."""
    return f"erasure-{sequence}"


def done_name(index: int) -> str:
    """Give the last part of the subject of a confirmation; `index` is the order's place in the log."""
    return f"erased-{index}"


def order_members(record: str, statements: Iterable[bytes]) -> dict[str, Any]:
    """Give the members of an order's body, its nonce left out; `record` is kind/org/id."""
    return {"record": record, "statements": sorted(map(b64url, statements))}


def done_members(order: bytes) -> dict[str, Any]:
    """Give the members of a confirmation's body, its nonce left out; `order` is the hash of the order's statement."""
    return {"order": b64url(order)}


def form_fault(event_type: str, organization: str, sequence: int, name: str, body: bytes) -> Problem | None:
    """What is wrong with an organization's order or confirmation by itself; `name` is the last part of its subject."""
    if event_type == ORDERED:
        return _order_fault(organization, sequence, name, body)
    return _done_fault(name, body) if event_type == DONE else None


def read_order(organization: str, body: bytes) -> Order:
    """Read the body of an organization's order that has no fault."""
    said = orjson.loads(body)
    return Order(organization, said["record"], tuple(map(from_b64url, said["statements"])))


def read_action(body: bytes) -> Order | None:
    """Read the roots' order out of their action, None if it is another one; whoever calls has verified it."""
    action = orjson.loads(from_b64url(orjson.loads(body)["payload"]))
    if action["action"] != ORDERED.removeprefix("liaison."):
        return None
    statements = dict.fromkeys(from_b64url(each, size=32) for each in action["statements"])
    return Order(action["organization"], None, tuple(statements))


def read_done(body: bytes) -> bytes:
    """Read which order a confirmation without fault is about: the hash of its statement."""
    return from_b64url(orjson.loads(body)["order"])


def naming_fault(order: Order, logged: Mapping[bytes, str]) -> Problem | None:
    """What is wrong with the statements that an order names; None: it has effect.

    `logged` gives the subjects (kind/org/id) of those of them that stand in the log before the order, by hash.
    """
    for place, digest in enumerate(order.statements):
        subject = logged.get(digest)
        if subject is None:
            return _wrong_name(place, digest, "no statement in the log before this order")
        kind, organization, _ = subject.split("/", 2)
        if organization != order.organization:
            return _wrong_name(place, digest, f"a statement of {organization}")
        if kind == CONTROL:
            return _wrong_name(place, digest, "a statement without a record, which is permanent")
        if order.record not in (None, subject):
            return _wrong_name(place, digest, f"a statement about {subject}")
    return None


def confirmation_fault(order: bytes, name: str, index: int | None, *, former: bool = False) -> Problem | None:
    """What is wrong with a confirmation of the order with this hash, under a `name`; None: it counts.

    `index` is where that order stands in the log before it and has effect, None if none does. `former`: it was made in
    a log before this one, and may be named by the place that the order had there.
    """
    if index is None:
        return problem(("order",), b64url(order), N_("be the hash of an order in the log that has effect"))
    if name != done_name(index) and not former:
        return problem(
            ("subject",), f'"{name}"', sentence("end in {index}, where the order stands", index=done_name(index))
        )
    return None


def _wrong_name(place: int, digest: bytes, found: str) -> Problem:
    allowed = N_("name a statement of the organization itself about the record")
    return problem(("statements", place), f"{b64url(digest)}, {found}", allowed)


def _order_fault(organization: str, sequence: int, name: str, body: bytes) -> Problem | None:
    said = _members(body, {"nonce", "record", "statements"})
    if isinstance(said, Problem):
        return said
    if name != order_name(sequence):
        return problem(("subject",), f'"{name}"', sentence("end in {sequence}", sequence=order_name(sequence)))
    return _record_fault(said["record"], organization) or _hashes_fault(said["statements"])


def _record_fault(record: Any, organization: str) -> Problem | None:
    parts = record.split("/") if isinstance(record, str) else []
    if len(parts) == 3 and parts[0] in KIND_NAMES and parts[1] == organization and is_record_id(parts[2]):
        return None
    return problem(
        ("record",),
        _short(record),
        sentence("be the address of a record of {organization}: kind/{organization}/id", organization=organization),
    )


def _hashes_fault(listed: Any) -> Problem | None:
    if not isinstance(listed, list) or not 1 <= len(listed) <= MAX_STATEMENTS:
        found = sentence("{count} entries", count=len(listed)) if isinstance(listed, list) else _short(listed)
        return problem(
            ("statements",),
            found,
            sentence("be a list of 1 to {max_statements} hashes of statements", max_statements=MAX_STATEMENTS),
        )
    for place, each in enumerate(listed):
        if not _is_hash(each):
            return problem(
                ("statements", place), _short(each), N_("be the hash of a statement, 43 letters of base64url")
            )
        if place and not listed[place - 1] < each:
            return problem(
                ("statements", place), _short(each), N_("come after the entry before it, in the letters' order")
            )
    return None


def _done_fault(name: str, body: bytes) -> Problem | None:
    said = _members(body, {"nonce", "order"})
    if isinstance(said, Problem):
        return said
    if _NAME_OF_DONE.fullmatch(name) is None:
        return problem(("subject",), f'"{name}"', N_("end in erased- and the order's index in the log"))
    if not _is_hash(said["order"]):
        return problem(("order",), _short(said["order"]), N_("be the hash of the order's statement"))
    return None


def _members(body: bytes, names: set[str]) -> dict[str, Any] | Problem:
    try:
        said = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        return problem((), sentence("not JSON ({error})", error=error), N_("be a JSON object"))
    if not isinstance(said, dict) or set(said) != names or not is_canonical(body, said):
        allowed = sentence("have the members {names} and no others, in canonical form", names=", ".join(sorted(names)))
        return problem((), N_("another form"), allowed)
    if not _is_size(said["nonce"], 16):
        return problem(("nonce",), _short(said["nonce"]), N_("be 128 random bits in base64url, 22 characters"))
    return said


def _is_hash(value: Any) -> bool:
    return _is_size(value, 32)


def _is_size(value: Any, size: int) -> bool:
    try:
        return isinstance(value, str) and len(from_b64url(value, size=size)) == size
    except ValueError:
        return False


def _short(value: Any) -> str:
    return f'"{str(value)[:80]}"'
