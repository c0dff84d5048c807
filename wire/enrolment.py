"""How an organization asks to be admitted (enrolment), and what it gets back (admission)."""

import hashlib
from dataclasses import dataclass
from typing import Any

import orjson
from pydantic import ValidationError

from schemas.problems import problems_from
from schemas.statement import parse_statement
from wire import jws
from wire.actions import Admitted, BadAction, open_action
from wire.canonical import canonical
from wire.encoding import b64url, from_b64url
from wire.examine import statement_hash
from wire.keys import BadKey, PublicKey, SigningKey
from wire.registry import HUB
from wire.trust import BadTrust, Trust, parse_trust

_MEMBERS = {"organization", "name", "signing_key", "next_key", "witness_key", "encryption_key", "bus"}


class BadEnrolment(ValueError):
    """An enrolment or admission that cannot be used; the message says why."""


def make_enrolment(members: dict[str, Any], key: SigningKey) -> bytes:
    """Give enrolment.json: public keys only, and proof that the asker holds the signing key."""
    if set(members) != _MEMBERS:
        raise ValueError(f"an enrolment has the members {sorted(_MEMBERS)}")
    proof = jws.sign(jws.ENROLMENT, canonical(members), key)
    return orjson.dumps({**members, "proof": proof}, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS) + b"\n"


def open_enrolment(data: bytes) -> dict[str, Any]:
    """Check form and proof, give the members; BadEnrolment otherwise."""
    try:
        document = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise BadEnrolment(f"the enrolment is not JSON: {error}. Take the node's enrolment.json as it is") from None
    if not isinstance(document, dict) or set(document) != _MEMBERS | {"proof"}:
        raise BadEnrolment(f"an enrolment has exactly the members {', '.join(sorted(_MEMBERS | {'proof'}))}")
    if not isinstance(document["proof"], str):
        raise BadEnrolment("the enrolment's proof is not text; take the node's enrolment.json as it is")
    members = {name: document[name] for name in _MEMBERS}
    try:
        key = PublicKey.from_jwk(document["signing_key"])
        payload = jws.verified_payload(document["proof"].encode(), jws.ENROLMENT, {key.thumbprint: key})
    except (BadKey, jws.Malformed) as error:
        raise BadEnrolment(f"the enrolment's proof fails: {error}") from None
    if payload != _canonical(members):
        raise BadEnrolment(
            "the enrolment was changed after it had been signed; take the node's enrolment.json as it is"
        )
    try:
        Admitted(network="any.example", sequence="0" * 12, previous="A" * 43, **members)
    except ValidationError as error:
        problem = problems_from(error)[0]
        raise BadEnrolment(f"the enrolment cannot be used: {problem.pointer}: {problem.message}") from None
    return members


def _canonical(members: dict[str, Any]) -> bytes | None:
    try:
        return canonical(members)
    except ValueError:
        return None


@dataclass(frozen=True)
class Admission:
    """What a node needs to join: whom to trust, where its chain begins, how to reach the bus, whose receipts count."""

    trust: Trust
    organization: str
    signing_key: PublicKey
    previous: bytes
    hub_key: PublicKey
    bus_url: str


def make_admission(trust: Trust, hub: tuple[bytes, bytes], member: tuple[bytes, bytes], bus_url: str) -> bytes:
    """Give admission.json. `hub` and `member` are (token, body) of the registry's statements that admitted them."""
    document = {
        "trust": orjson.loads(trust.to_bytes()),
        "hub": {"token": hub[0].decode(), "action": orjson.loads(hub[1])},
        "member": {"token": member[0].decode(), "action": orjson.loads(member[1])},
        "bus": {"url": bus_url},
    }
    return orjson.dumps(document, option=orjson.OPT_INDENT_2) + b"\n"


def open_admission(data: bytes) -> Admission:
    """Verify that the roots admitted hub and organization; BadEnrolment otherwise."""
    try:
        document = orjson.loads(data)
        trust = parse_trust(canonical(document["trust"]))
        hub_action, _ = _verified(document["hub"], trust)
        _check_hub(hub_action, trust)
        hub_key = PublicKey.from_jwk(hub_action.signing_key)
        member_action, digest = _verified(document["member"], trust)
        for part in ("hub", "member"):
            jws.verified_payload(document[part]["token"].encode(), jws.EVENT, {hub_key.thumbprint: hub_key})
        signing_key = PublicKey.from_jwk(member_action.signing_key)
        url = _text(document["bus"]["url"])
        return Admission(trust, member_action.organization, signing_key, digest, hub_key, url)
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError) as error:
        raise BadEnrolment(
            f"the admission is incomplete or no JSON ({error}); take the file as the hub wrote it"
        ) from None
    except (BadTrust, BadAction, BadKey, jws.Malformed, ValueError) as error:
        raise BadEnrolment(f"the admission does not verify: {error}") from None


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("the address of the bus is not text")
    return value


def _check_hub(action: Admitted, trust: Trust) -> None:
    # The roots admit members too: without this one of them could hand out admissions in the hub's place.
    if action.organization != HUB:
        raise BadAction(f"its hub is {action.organization!r}; {HUB!r} was expected")
    # Entry 0 names the hash of trust.json: so the roots signed that too, down to the key of the log.
    if (action.sequence, action.previous) != (f"{1:012d}", b64url(trust.digest)):
        raise BadAction("the network did not begin with this trust.json")


def _verified(part: dict[str, Any], trust: Trust) -> tuple[Admitted, bytes]:
    token, body = part["token"].encode(), canonical(part["action"])
    payload = jws.take_apart(token, jws.EVENT).payload
    statement = parse_statement(payload)
    if hashlib.sha256(body).digest() != from_b64url(statement.datahash):
        raise BadAction("the registry's statement is about another action")
    previous = from_b64url(statement.previous, size=32)
    action = open_action(body, trust, sequence=statement.sequence_number, previous=previous)
    if not isinstance(action, Admitted):
        raise BadAction(f"the action is {action.action}; organization.admitted was expected")
    return action, statement_hash(payload)
