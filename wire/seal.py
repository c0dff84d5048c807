"""How an organization says something: body and statement in canonical form, the statement sealed as a token."""

import hashlib
import secrets
from datetime import UTC, datetime
from typing import Any, NamedTuple

from schemas.body import MAX_BYTES as MAX_BODY
from schemas.sentences import sentence
from schemas.statement import CONTROL
from wire import jws
from wire.canonical import canonical
from wire.encoding import b64url
from wire.examine import MAX_STATEMENT, statement_hash
from wire.keys import SigningKey
from wire.rotation import ROTATED, prove_rotation


class Sealed(NamedTuple):
    """One event, ready for outbox and bus. `hash` is the statement's: what the next one's `previous` names."""

    organization: str
    sequence: int
    kind: str
    hash: bytes
    token: bytes
    body: bytes


class Place(NamedTuple):
    """Where in whose chain the next statement stands."""

    network: str
    organization: str
    sequence: int
    previous: bytes


class TooLarge(ValueError):
    """An event over the limits of contract section 1."""


def seal(
    place: Place,
    key: SigningKey,
    *,
    subject: str,
    event_type: str,
    marking: str,
    body: bytes,
    now: datetime | None = None,
    content_type: str = "application/json",
    seen: tuple[int, bytes] | None = None,
    erased: bytes | None = None,
) -> Sealed:
    """Seal one event: subject `kind/org/id`, type `liaison.<kind>.<action>`; TooLarge over 256 KiB of body.

    `seen` is the size and root of the newest checkpoint that the speaker has cosigned; `erased` is the hash of a body
    that is destroyed, of which `body` then holds nothing.
    """
    if len(body) > MAX_BODY:
        raise TooLarge(
            sentence(
                "the record has {n} bytes; at most {max_body} are allowed. Shorten it, or split it",
                n=len(body),
                max_body=MAX_BODY,
            )
        )
    kind = subject.split("/", 1)[0]
    sequence = f"{place.sequence:012d}"
    statement = canonical(
        {
            "datacontenttype": content_type,
            "datahash": b64url(erased or hashlib.sha256(body).digest()),
            "dataschema": f"https://{place.network}/schemas/{kind}/1",
            "id": f"{place.organization}:{sequence}",
            "marking": marking,
            "previous": b64url(place.previous),
            **({} if seen is None else {"seen": f"{seen[0]}:{b64url(seen[1])}"}),
            "sequence": sequence,
            "source": f"https://{place.network}/orgs/{place.organization}",
            "specversion": "1.0",
            "subject": subject,
            "time": timestamp(now or datetime.now(UTC)),
            "type": event_type,
        }
    )
    if len(statement) > MAX_STATEMENT:
        raise TooLarge(
            sentence(
                "the statement has {n} bytes; at most {max_statement} are allowed",
                n=len(statement),
                max_statement=MAX_STATEMENT,
            )
        )
    token = jws.sign(jws.EVENT, statement, key).encode()
    return Sealed(place.organization, place.sequence, kind, statement_hash(statement), token, body)


def seal_rotation(
    place: Place,
    current: SigningKey,
    following: SigningKey,
    next_key: str,
    *,
    now: datetime | None = None,
    seen: tuple[int, bytes] | None = None,
) -> Sealed:
    """Seal `liaison.key.rotated`, signed with the current key; `next_key` names the key after `following`."""
    return seal(
        place,
        current,
        subject=control_subject(place.organization, f"rotation-{place.sequence}"),
        event_type=ROTATED,
        marking="TLP:CLEAR",
        body=control_body({"proof": prove_rotation(*place, (following, next_key))}),
        now=now,
        seen=seen,
    )


def control_body(members: dict[str, Any]) -> bytes:
    """Give the body of an event without a record."""
    return canonical({"nonce": nonce(), **members})


def control_subject(organization: str, name: str) -> str:
    """Give the subject of an event without a record."""
    return f"{CONTROL}/{organization}/{name}"


def nonce() -> str:
    """128 random bits: two bodies never have one hash by chance or by guessing."""
    return b64url(secrets.token_bytes(16))


def timestamp(moment: datetime) -> str:
    """RFC 3339 in UTC with milliseconds, as statements say it."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
