"""What can be said of one message without knowing any state: verdict steps 1, 2, 6 and 8 to 10.

Pure and independent of order, so that worker processes can do it; `wire.verdict` puts the findings into
the contract's order, together with what only the chain and the registry know.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import orjson
from pydantic import ValidationError

from schemas.body import MAX_BYTES as MAX_BODY
from schemas.problems import problems_from
from schemas.sentences import gettext_noop as N_
from schemas.sentences import sentence
from schemas.statement import CONTROL, Statement, known_type, parse_statement
from wire import jws
from wire.canonical import is_canonical
from wire.encoding import from_b64url
from wire.examine_body import content_of, examine_body, read_message_body, rotation_of
from wire.findings import Examined, Exclusion, Message, Refusal, Said
from wire.jwe import CONTENT_TYPE as ENCRYPTED
from wire.keys import PublicKey
from wire.quick_statement import quick_statement
from wire.reasons import Reason
from wire.registry import HUB, REGISTRY
from wire.rotation import ROTATED

__all__ = [
    "Examined",
    "Exclusion",
    "Message",
    "Refusal",
    "Said",
    "content_of",
    "examine",
    "examine_all",
    "examine_body",
    "rotation_of",
    "statement_hash",
]  # fmt: skip

MAX_STATEMENT = 4096
MAX_TOKEN = 6144  # a 4 KiB statement in base64, its header and its signature

# Events without a record that the hub alone may say, and those that any organization may; the rest is the registry's.
HUBS = frozenset({"liaison.view.stated", "liaison.body.excluded", "liaison.fork.found"})
EVERYBODYS = frozenset({"liaison.key.rotated", "liaison.erasure.ordered", "liaison.erasure.done"})


_SAYS_ENCRYPTED = b'{"datacontenttype":"%s"' % ENCRYPTED.encode()  # the first member, in canonical form


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
                Reason.TOO_LARGE,
                sentence("a statement of {count} bytes", count=len(parts.payload)),
                sentence("at most {max_statement}", max_statement=MAX_STATEMENT),
            )
            return _Opened(parts, statement_hash(parts.payload), None, refusal)
        # 2 network and subject
        said, refusal = _what_is_said(parts.payload, message, network)
    except jws.Malformed as error:
        refusal = Refusal(Reason.MALFORMED, str(error), N_("the exact form of contract section 1"))
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
    exclusion, record, recipients = read_message_body(said, message.body)
    rotation = rotation_of(said, message.body) if said.type == ROTATED and exclusion is None else None
    return Examined(digest, kid, said, None, signature, exclusion, record, rotation, recipients)


def _digest(token: bytes) -> bytes:
    return hashlib.sha256(token).digest()


def _too_large(message: Message) -> Refusal | None:
    if len(message.token) > MAX_TOKEN:
        return Refusal(
            Reason.TOO_LARGE,
            sentence("a token of {count} bytes", count=len(message.token)),
            sentence("at most {max_token}", max_token=MAX_TOKEN),
        )
    if message.body is not None and len(message.body) > MAX_BODY:
        return Refusal(
            Reason.TOO_LARGE,
            sentence("a body of {count} bytes", count=len(message.body)),
            sentence("at most {max_body}", max_body=MAX_BODY),
        )
    return None


def _what_is_said(payload: bytes, message: Message, network: str) -> tuple[Said, Refusal | None]:
    """The form of the statement (step 1), and its network and subject (step 2)."""
    quick = quick_statement(payload, network)
    if quick is not None:
        said = Said(*quick, payload.startswith(_SAYS_ENCRYPTED))
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
        raise jws.Malformed(
            sentence("statement {pointer}: {cause}", pointer=problem.pointer or "(whole)", cause=problem.message)
        ) from None
    except orjson.JSONDecodeError as error:
        # A member that stands twice, first as NaN: one parser reads past it, the other does not.
        raise jws.Malformed(sentence("the statement is not JSON: {error}", error=error)) from None
    if not is_canonical(payload, value):
        raise jws.Malformed(
            N_("the statement is not in canonical form (RFC 8785): member order, white space or duplicates")
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
        statement.seen or "",
        statement.datacontenttype == ENCRYPTED,
    )


def _unknown_kind(statement: Statement) -> Refusal | None:
    # That a known type and the kind of its subject belong together has been seen by parse_statement.
    if not known_type(statement.type):
        return Refusal(
            Reason.UNKNOWN_KIND, sentence("type {type}", type=statement.type), N_("a type of contract section 1")
        )
    kind = statement.kind
    if kind == CONTROL and not _may_say(statement.type, statement.organization):
        return Refusal(
            Reason.UNKNOWN_KIND,
            f"{statement.type} ({statement.organization})",
            N_("a type of its own"),
        )
    expected = f"https://{statement.network}/schemas/{kind}/1"
    if statement.dataschema != expected:
        return Refusal(Reason.UNKNOWN_KIND, sentence("schema {schema}", schema=statement.dataschema), expected)
    return None


def _may_say(event_type: str, organization: str) -> bool:
    if event_type in HUBS:
        return organization == HUB
    return organization == REGISTRY or event_type in EVERYBODYS


def _misplaced(statement: Statement, message: Message, network: str) -> Refusal | None:
    if statement.network != network:
        return Refusal(Reason.WRONG_NETWORK, statement.network, network)
    kind, organization = statement.kind, statement.subject_organization
    if not statement.organization == organization == message.organization:
        found = sentence(
            "source {source}, subject {subject}, bus {bus}",
            source=statement.organization,
            subject=organization,
            bus=message.organization,
        )
        return Refusal(Reason.WRONG_SUBJECT, found, N_("one organization in all three"))
    if kind != message.kind:
        return Refusal(
            Reason.WRONG_SUBJECT,
            sentence("subject {subject}, bus {bus}", subject=kind, bus=message.kind),
            N_("one kind in both"),
        )
    return None
