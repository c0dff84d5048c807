"""How an organization asks to be admitted (enrolment), and what it gets back (admission)."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from pydantic import ValidationError

from schemas.problems import problems_from
from schemas.sentences import sentence
from schemas.statement import parse_statement
from wire import jws
from wire.actions import Action, Admitted, BadAction, KeyReplaced, RootsChanged, open_action
from wire.canonical import canonical
from wire.encoding import b64url, from_b64url
from wire.examine import statement_hash
from wire.keys import BadKey, PublicKey, SigningKey
from wire.registry import HUB, Registry, Roots
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
    """What a node needs to join: whom to trust, where its chain begins, how to reach the bus, whose receipts count.

    `keys` names the organization's keys as the registry has them now: by its admission, or by the replacement after it.
    """

    trust: Trust
    organization: str
    signing_key: PublicKey
    previous: bytes
    hub_key: PublicKey
    bus_url: str
    keys: Admitted | KeyReplaced
    replaced: bool = False


Logged = tuple[bytes, bytes]  # token and body of one of the registry's statements


def make_admission(
    trust: Trust,
    hub: Logged,
    member: Logged,
    bus_url: str,
    *,
    roots: Sequence[Logged] = (),
    replaced: Logged | None = None,
    hub_keys: Sequence[Logged] = (),
) -> bytes:
    """Give admission.json. `hub` and `member` are the registry's statements that admitted them.

    `roots` are all changes of the roots, in order, `hub_keys` all replacements of the hub's keys; `replaced` is the
    newest replacement of the organization's keys.
    """
    document: dict[str, Any] = {
        "trust": orjson.loads(trust.to_bytes()),
        "hub": _part(hub),
        "member": _part(member),
        "bus": {"url": bus_url},
    }
    if roots:
        document["roots"] = [_part(each) for each in roots]
    if hub_keys:
        document["hub_keys"] = [_part(each) for each in hub_keys]
    if replaced is not None:
        document["replaced"] = _part(replaced)
    return orjson.dumps(document, option=orjson.OPT_INDENT_2) + b"\n"


def open_admission(data: bytes) -> Admission:
    """Verify that the roots admitted hub and organization; BadEnrolment otherwise."""
    try:
        return _opened(orjson.loads(data))
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError) as error:
        raise BadEnrolment(
            sentence("the admission is incomplete or no JSON ({cause}); take the file as the hub wrote it", cause=error)
        ) from None
    except (BadTrust, BadAction, BadKey, jws.Malformed, ValueError) as error:
        raise BadEnrolment(sentence("the admission does not verify: {cause}", cause=error)) from None


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("the address of the bus is not text")
    return value


def _opened(document: dict[str, Any]) -> Admission:
    unknown = set(document) - {"trust", "hub", "member", "bus", "roots", "hub_keys", "replaced"}
    if unknown:
        raise BadEnrolment(
            sentence("the admission has members that nobody knows: {names}", names=", ".join(sorted(unknown))[:200])
        )
    trust = parse_trust(canonical(document["trust"]))
    sets = [Roots(trust.roots, trust.threshold)]
    hub_action, _ = _verified(document["hub"], trust, sets)
    first_key = _hub_key(hub_action, trust)
    for part in document.get("roots", []):
        changed, _ = _verified(part, trust, sets[-1:])
        if not isinstance(changed, RootsChanged):
            raise BadAction(f"the action is {changed.action}; roots.changed was expected")
        sets.append(Roots(tuple(map(PublicKey.from_jwk, changed.roots)), changed.threshold))
    hub_keys = [first_key, *(_signing(_replaced(part, HUB, trust, sets)) for part in document.get("hub_keys", []))]
    # Which roots decided at its place, and with which key the hub signed it, is for the log to show: here it must be
    # one that ever did.
    by_thumbprint = {key.thumbprint: key for key in hub_keys}
    for part in (document["hub"], document["member"], *_later(document)):
        jws.verified_payload(part["token"].encode(), jws.EVENT, by_thumbprint)
    admitted, digest = _verified(document["member"], trust, sets)
    if not isinstance(admitted, Admitted):
        raise BadAction(f"the action is {admitted.action}; organization.admitted was expected")
    keys: Admitted | KeyReplaced = admitted
    if "replaced" in document:
        keys = _replaced(document["replaced"], admitted.organization, trust, sets)
    url = _text(document["bus"]["url"])
    return Admission(trust, keys.organization, _signing(keys), digest, hub_keys[-1], url, keys, keys is not admitted)


def _replaced(part: dict[str, Any], organization: str, trust: Trust, sets: Sequence[Roots]) -> KeyReplaced:
    found, _ = _verified(part, trust, sets)
    if not isinstance(found, KeyReplaced) or found.organization != organization:
        raise BadAction(f"key.replaced for {organization} was expected")
    return found


def _signing(keys: Admitted | KeyReplaced) -> PublicKey:
    return PublicKey.from_jwk(keys.signing_key)


def _hub_key(action: Action, trust: Trust) -> PublicKey:
    # The roots admit members too: without this one of them could hand out admissions in the hub's place.
    if not isinstance(action, Admitted) or action.organization != HUB:
        found = action.organization if isinstance(action, Admitted) else action.action
        raise BadAction(f"its hub is {found!r}; {HUB!r} was expected")
    # Entry 0 names the hash of trust.json: so the roots signed that too, down to the key of the log.
    if (action.sequence, action.previous) != (f"{1:012d}", b64url(trust.digest)):
        raise BadAction("the network did not begin with this trust.json")
    return _signing(action)


def _later(document: dict[str, Any]) -> list[dict[str, Any]]:
    replaced = [document["replaced"]] if "replaced" in document else []
    return [*document.get("roots", []), *document.get("hub_keys", []), *replaced]


def _part(logged: Logged) -> dict[str, Any]:
    return {"token": logged[0].decode(), "action": orjson.loads(logged[1])}


def _verified(part: dict[str, Any], trust: Trust, sets: Sequence[Roots]) -> tuple[Action, bytes]:
    """Give the action that one of these sets of roots signed for its place, and the hash of its statement."""
    token, body = part["token"].encode(), canonical(part["action"])
    payload = jws.take_apart(token, jws.EVENT).payload
    statement = parse_statement(payload)
    if hashlib.sha256(body).digest() != from_b64url(statement.datahash):
        raise BadAction("the registry's statement is about another action")
    previous = from_b64url(statement.previous, size=32)
    refused = None
    for roots in reversed(sets):
        registry = Registry(network=trust.network, roots=roots)
        try:
            action = open_action(body, registry, sequence=statement.sequence_number, previous=previous)
        except BadAction as error:
            refused = refused or error
        else:
            return action, statement_hash(payload)
    raise refused or BadAction("there are no roots to verify it with")
