"""What can be said of one message without knowing any state: verdict steps 1, 2, 6 and 8 to 10.

Pure and independent of order, so that worker processes can do it; `wire.verdict` puts the findings into
the contract's order, together with what only the chain and the registry know.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import orjson
from pydantic import ValidationError

from schemas.body import MAX_BYTES as MAX_BODY
from schemas.body import read_body
from schemas.problems import Problem, problem, problems_from
from schemas.release import violation
from schemas.statement import CONTROL, Statement, known_type, parse_statement
from wire import jws
from wire.canonical import canonical, is_canonical
from wire.encoding import from_b64url
from wire.keys import PublicKey
from wire.quick_statement import quick_statement
from wire.reasons import Reason
from wire.registry import HUB, REGISTRY
from wire.rotation import ROTATED, Rotation, rotation_in

MAX_STATEMENT = 4096
MAX_TOKEN = 6144  # a 4 KiB statement in base64, its header and its signature

# Events without a record that the hub alone may say, and those that any organization may; the rest is the registry's.
HUBS = frozenset({"liaison.view.stated", "liaison.body.excluded", "liaison.fork.found"})
EVERYBODYS = frozenset({"liaison.key.rotated", "liaison.erasure.ordered", "liaison.erasure.done"})


class Message(NamedTuple):
    """An event as it came: the organization and kind of its bus subject, the token, and the body if there was one."""

    organization: str
    kind: str
    token: bytes
    body: bytes | None


class Said(NamedTuple):
    """What a statement says, lean enough for the hot path; hashes are 32 raw bytes."""

    organization: str
    sequence: int
    previous: bytes
    kind: str
    record_id: str
    action: str
    marking: str
    time: str
    datahash: bytes
    type: str


class Refusal(NamedTuple):
    """Why a message does not enter the log: the reason, what was found and what was expected."""

    reason: Reason
    found: str
    expected: str


class Exclusion(NamedTuple):
    """Why a logged event does not enter the view: the reason, and the fields concerned."""

    reason: Reason
    problems: tuple[Problem, ...]


class Examined(NamedTuple):
    """The findings on one message. `signature` is None where the key was not known to the examiner.

    `rotation` is what a rotation's body proves; whether it is the committed key's only the registry knows.
    """

    hash: bytes
    kid: str
    said: Said | None
    refusal: Refusal | None
    signature: bool | None
    exclusion: Exclusion | None
    record: dict[str, Any] | None
    rotation: Rotation | None = None


def statement_hash(statement: bytes) -> bytes:
    """SHA-256 of the statement's bytes: what `previous` commits to and by which duplicates are recognized."""
    return hashlib.sha256(statement).digest()


class _Opened(NamedTuple):
    """A token taken apart (None if it can't be), the statement's hash, and what it says or why it is refused."""

    parts: jws.Jws | None
    digest: bytes
    said: Said | None
    refusal: Refusal | None


def examine(message: Message, network: str, keys: Mapping[str, PublicKey]) -> Examined:
    """Judge what one message shows by itself. `keys` are all keys ever registered, by thumbprint."""
    return next(examine_all([message], network, keys))


def examine_all(messages: Sequence[Message], network: str, keys: Mapping[str, PublicKey]) -> Iterator[Examined]:
    """Do the same for many, step by step over all: a tenth quicker, as a step finds its code in the caches.

    The bodies come last, one by one as they are asked for, so that no more than one record need be held.
    """
    opened = [_open(message, network) for message in messages]
    signatures = [_signature(each, keys) for each in opened]
    return map(_examined, messages, opened, signatures)


def _open(message: Message, network: str) -> _Opened:
    # 1 size and form
    refusal = _too_large(message)
    if refusal is not None:
        return _Opened(None, _digest(message.token), None, refusal)
    try:
        parts = jws.take_apart(message.token, jws.EVENT)
        if len(parts.payload) > MAX_STATEMENT:
            refusal = Refusal(
                Reason.TOO_LARGE, f"a statement of {len(parts.payload)} bytes", f"at most {MAX_STATEMENT}"
            )
            return _Opened(parts, statement_hash(parts.payload), None, refusal)
        # 2 network and subject
        said, refusal = _what_is_said(parts.payload, message, network)
    except jws.Malformed as error:
        refusal = Refusal(Reason.MALFORMED, str(error), "the exact form of contract section 1")
        return _Opened(None, _digest(message.token), None, refusal)
    return _Opened(parts, statement_hash(parts.payload), said, refusal)


def _signature(opened: _Opened, keys: Mapping[str, PublicKey]) -> bool | None:
    # 6 signature, over the transmitted bytes
    if opened.parts is None or opened.refusal is not None:
        return None
    key = keys.get(opened.parts.kid)
    return None if key is None else key.verify(opened.parts.signature, opened.parts.signed)


def _examined(message: Message, opened: _Opened, signature: bool | None) -> Examined:
    parts, digest, said, refusal = opened
    kid = "" if parts is None else parts.kid
    if refusal is not None or said is None:
        return Examined(digest, kid, said, refusal, None, None, None)
    # 8 to 10 the body, for the view
    exclusion, record = examine_body(said, message.body)
    rotation = rotation_of(said, message.body) if said.type == ROTATED and exclusion is None else None
    return Examined(digest, kid, said, None, signature, exclusion, record, rotation)


def examine_body(said: Said, body: bytes | None) -> tuple[Exclusion | None, dict[str, Any] | None]:
    """Steps 8 to 10: the exclusion if there is one, and the record if there is one."""
    # 8 presence and hash
    if body is None:
        return Exclusion(Reason.BODY_MISSING, ()), None
    if hashlib.sha256(body).digest() != said.datahash:
        return Exclusion(Reason.BODY_MISMATCH, ()), None
    # 9 schema
    if said.kind == CONTROL:
        fault = _control_fault(body)
        if fault is None and said.type == ROTATED:
            fault = next(iter(rotation_in(body, said.organization, said.sequence, said.previous)[1]), None)
        return (None if fault is None else Exclusion(Reason.SCHEMA_INVALID, (fault,))), None
    if said.marking in ("TLP:AMBER", "TLP:AMBER+STRICT"):
        return Exclusion(Reason.MARKING_VIOLATED, (_needs_encryption(said.marking),)), None
    problems, content = read_body(said.kind, said.action, body)
    if problems:
        return Exclusion(Reason.SCHEMA_INVALID, tuple(problems)), None
    record = None if said.action == "withdrawn" else content["record"]
    # 10 marking and consent
    if said.marking == "TLP:RED":
        return Exclusion(
            Reason.MARKING_VIOLATED, (Problem("/marking", "TLP:RED never leaves a node", "TLP:RED", ""),)
        ), None
    broken = None if record is None else violation(said.kind, record, said.marking)
    if broken is not None:
        return Exclusion(Reason(broken[0]), (broken[1],)), None
    return None, record


def rotation_of(said: Said, body: bytes | None) -> Rotation | None:
    """Give what the body of a rotation proves by itself; None if it proves nothing."""
    return None if body is None else rotation_in(body, said.organization, said.sequence, said.previous)[0]


def _digest(token: bytes) -> bytes:
    return hashlib.sha256(token).digest()


def _too_large(message: Message) -> Refusal | None:
    if len(message.token) > MAX_TOKEN:
        return Refusal(Reason.TOO_LARGE, f"a token of {len(message.token)} bytes", f"at most {MAX_TOKEN}")
    if message.body is not None and len(message.body) > MAX_BODY:
        return Refusal(Reason.TOO_LARGE, f"a body of {len(message.body)} bytes", f"at most {MAX_BODY}")
    return None


def _what_is_said(payload: bytes, message: Message, network: str) -> tuple[Said, Refusal | None]:
    """The form of the statement (step 1), and its network and subject (step 2)."""
    quick = quick_statement(payload, network)
    if quick is not None:
        said = Said(*quick)
        if said.organization == message.organization and said.kind == message.kind:
            return said, None
    statement = _statement(payload)
    return _said(statement), _unknown_kind(statement) or _misplaced(statement, message, network)


def _statement(payload: bytes) -> Statement:
    try:
        statement = parse_statement(payload)
        value = orjson.loads(payload)
    except ValidationError as error:
        problem = problems_from(error)[0]
        raise jws.Malformed(f"statement {problem.pointer or '(whole)'}: {problem.message}") from None
    except orjson.JSONDecodeError as error:
        # A member that stands twice, first as NaN: one parser reads past it, the other does not.
        raise jws.Malformed(f"the statement is not JSON: {error}") from None
    if not is_canonical(payload, value):
        raise jws.Malformed(
            "the statement is not in canonical form (RFC 8785): member order, white space or duplicates"
        )
    return statement


def _said(statement: Statement) -> Said:
    return Said(
        statement.organization,
        statement.sequence_number,
        from_b64url(statement.previous, size=32),
        statement.kind,
        statement.record_id,
        statement.action,
        statement.marking,
        statement.time,
        from_b64url(statement.datahash, size=32),
        statement.type,
    )


def _unknown_kind(statement: Statement) -> Refusal | None:
    # That a known type and the kind of its subject belong together has been seen by parse_statement.
    if not known_type(statement.type):
        return Refusal(Reason.UNKNOWN_KIND, f"type {statement.type}", "a type of contract section 1")
    kind = statement.kind
    if kind == CONTROL and not _may_say(statement.type, statement.organization):
        return Refusal(Reason.UNKNOWN_KIND, f"{statement.type} by {statement.organization}", "a type of its own")
    expected = f"https://{statement.network}/schemas/{kind}/1"
    if statement.dataschema != expected:
        return Refusal(Reason.UNKNOWN_KIND, f"schema {statement.dataschema}", expected)
    return None


def _may_say(event_type: str, organization: str) -> bool:
    if event_type in HUBS:
        return organization == HUB
    return organization == REGISTRY or event_type in EVERYBODYS


def _control_fault(body: bytes) -> Problem | None:
    """Readers get every body as it stands inside an event of their own: it must be one JSON object and no more."""
    if len(body) > MAX_BODY:
        return problem((), f"{len(body)} bytes", f"have at most {MAX_BODY}")
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        return problem((), f"not JSON ({error})", "be a JSON object")
    if not isinstance(value, dict) or not _in_profile(body, value):
        return problem((), "no JSON object in canonical form", "be the RFC 8785 form of a JSON object")
    return None


def _in_profile(body: bytes, value: Any) -> bool:
    """No schema has been here yet, so floats, great integers and depth are for the canonical form to refuse."""
    try:
        return canonical(value) == body
    except ValueError:
        return False


def _misplaced(statement: Statement, message: Message, network: str) -> Refusal | None:
    if statement.network != network:
        return Refusal(Reason.WRONG_NETWORK, statement.network, network)
    kind, organization = statement.kind, statement.subject_organization
    if not statement.organization == organization == message.organization:
        found = f"source {statement.organization}, subject {organization}, bus {message.organization}"
        return Refusal(Reason.WRONG_SUBJECT, found, "one organization in all three")
    if kind != message.kind:
        return Refusal(Reason.WRONG_SUBJECT, f"subject {kind}, bus {message.kind}", "one kind in both")
    return None


def _needs_encryption(marking: str) -> Problem:
    return Problem("/marking", f"{marking} bodies must be encrypted to named recipients", "plain JSON", "a JWE")
