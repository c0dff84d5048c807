"""Registry actions: what the roots decide, signed by at least m of them, usable once, applied at a log index."""

from pydantic import ValidationError

from schemas.problems import problems_from
from wire import jws
from wire.action_forms import (
    ACTION,
    Action,
    Admitted,
    Digest,
    End,
    ErasureOrdered,
    Jwk,
    KeyReplaced,
    KeyRevoked,
    LogReplaced,
    OfOrganization,
    Reinstated,
    Retired,
    RootsChanged,
    Suspended,
    WitnessesChanged,
)
from wire.action_rules import BadAction, apply, check
from wire.canonical import canonical
from wire.encoding import b64url
from wire.keys import BadKey, PublicKey, SigningKey
from wire.registry import Registry, Roots

__all__ = [
    "Action",
    "Admitted",
    "BadAction",
    "Digest",
    "End",
    "ErasureOrdered",
    "Jwk",
    "KeyReplaced",
    "KeyRevoked",
    "LogReplaced",
    "OfOrganization",
    "Reinstated",
    "Retired",
    "RootsChanged",
    "Suspended",
    "WitnessesChanged",
    "add_signatures",
    "apply",
    "check",
    "open_action",
    "parse_action",
    "sign_action",
    "statement_name",
]


def sign_action(action: Action, roots: list[SigningKey]) -> bytes:
    """Give the body of the registry's statement: JWS general JSON with one signature for each root."""
    payload = canonical(action.model_dump(mode="json"))
    return canonical(jws.sign_general(jws.ACTION, payload, roots))


def add_signatures(body: bytes, roots: list[SigningKey]) -> bytes:
    """Add signatures to an action that others may have signed already; each key signs once. BadAction for no action."""
    action = parse_action(body)
    before = jws.read_general(body)["signatures"]
    signed = {str(jws.header(jws.ACTION, key.public.thumbprint)) for key in roots}
    kept = [each for each in before if each.get("protected") not in signed]
    added = jws.sign_general(jws.ACTION, canonical(action.model_dump(mode="json")), roots)
    return canonical({"payload": added["payload"], "signatures": kept + added["signatures"]})


def parse_action(body: bytes) -> Action:
    """Read an action's form, whoever signed it and wherever it belongs; BadAction if it has none."""
    return _parsed(body, {})[0]


def open_action(body: bytes, registry: Registry, *, sequence: int, previous: bytes) -> Action:
    """Verify an action against the roots of now and its place in the registry's chain; BadAction otherwise."""
    action, signers = _parsed(body, registry.roots.by_thumbprint)
    _check_signers(signers, registry.roots, "roots")
    if isinstance(action, RootsChanged):
        new = _new_roots(action)
        _check_signers(_parsed(body, new.by_thumbprint)[1], new, "new roots")
    place = (action.network, action.sequence, action.previous)
    expected = (registry.network, f"{sequence:012d}", b64url(previous))
    if place != expected:
        raise BadAction(f"the action was signed for {str(place)[:300]}; its place here is {expected}")
    return action


def statement_name(action: Action) -> str:
    """Give the last part of the subject of an action's statement: the organization, or what was done and when."""
    if isinstance(action, OfOrganization):
        return action.organization
    return f"{action.action.replace('.', '-')}-{int(action.sequence)}"


def _parsed(body: bytes, keys: dict[str, PublicKey]) -> tuple[Action, set[str]]:
    try:
        payload, signers = jws.verified_general(body, jws.ACTION, keys)
        action = ACTION.validate_json(payload)
    except jws.Malformed as error:
        raise BadAction(str(error)) from None
    except ValidationError as error:
        problem = problems_from(error)[0]
        raise BadAction(f"{problem.pointer}: {problem.message}") from None
    if canonical(action.model_dump(mode="json")) != payload:
        raise BadAction("the action is not in canonical form")
    return action, signers


def _check_signers(signers: set[str], roots: Roots, who: str) -> None:
    if len(signers) < roots.threshold:
        raise BadAction(f"{len(signers)} of the network's {who} signed it; needed: {roots.threshold}")


def _new_roots(action: RootsChanged) -> Roots:
    try:
        return Roots(tuple(map(PublicKey.from_jwk, action.roots)), action.threshold)
    except BadKey as error:
        raise BadAction(f"a root key cannot be used: {error}") from None
