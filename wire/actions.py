"""Registry actions: what the roots decide, signed by at least m of them, usable once, applied at a log index."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from schemas.problems import problems_from
from wire import jws
from wire.canonical import canonical
from wire.encoding import b64url, from_b64url
from wire.keys import BadKey, PublicKey, SigningKey
from wire.registry import REGISTRY, KeyPeriod, Member, Registry, Standing
from wire.trust import Trust

Digest = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{43}$")]
Jwk = dict[str, str]


class _Action(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    network: str
    sequence: Annotated[str, Field(pattern=r"^[0-9]{12}$")]
    previous: Digest
    organization: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", min_length=3, max_length=40)]


class Admitted(_Action):
    """An organization may speak from now on, with these keys; all five are distinct."""

    action: Literal["organization.admitted"] = "organization.admitted"
    name: Annotated[str, Field(min_length=1, max_length=200)]
    signing_key: Jwk
    next_key: Digest
    witness_key: Jwk
    encryption_key: Jwk
    bus: Annotated[str, Field(pattern=r"^U[A-Z2-7]{55}$")]


class Suspended(_Action):
    """Nothing of this organization is accepted until it is reinstated."""

    action: Literal["organization.suspended"] = "organization.suspended"
    reason: Annotated[str, Field(min_length=1, max_length=500)]


class Reinstated(_Action):
    """A suspended organization may speak again."""

    action: Literal["organization.reinstated"] = "organization.reinstated"
    reason: Annotated[str, Field(min_length=1, max_length=500)]


class Retired(_Action):
    """The organization has left for good; its id is never used again."""

    action: Literal["organization.retired"] = "organization.retired"
    reason: Annotated[str, Field(min_length=1, max_length=500)]


Action = Admitted | Suspended | Reinstated | Retired
_ACTION: TypeAdapter[Action] = TypeAdapter(Annotated[Action, Field(discriminator="action")])


class BadAction(ValueError):
    """An action that must not be applied; the message says why."""


def sign_action(action: Action, roots: list[SigningKey]) -> bytes:
    """Give the body of the registry's statement: JWS general JSON with one signature for each root."""
    payload = canonical(action.model_dump(mode="json"))
    return canonical(jws.sign_general(jws.ACTION, payload, roots))


def open_action(body: bytes, trust: Trust, *, sequence: int, previous: bytes) -> Action:
    """Verify an action against the roots and its place in the registry's chain; BadAction otherwise."""
    try:
        payload, signers = jws.verified_general(body, jws.ACTION, trust.root_keys)
        action = _ACTION.validate_json(payload)
    except jws.Malformed as error:
        raise BadAction(str(error)) from None
    except ValidationError as error:
        problem = problems_from(error)[0]
        raise BadAction(f"{problem.pointer}: {problem.message}") from None
    if canonical(action.model_dump(mode="json")) != payload:
        raise BadAction("the action is not in canonical form")
    if len(signers) < trust.threshold:
        raise BadAction(f"{len(signers)} of the network's roots signed it; {trust.threshold} are needed")
    place = (action.network, action.sequence, action.previous)
    expected = (trust.network, f"{sequence:012d}", b64url(previous))
    if place != expected:
        raise BadAction(f"the action was signed for {str(place)[:300]}; its place here is {expected}")
    return action


def check(action: Action, registry: Registry) -> None:
    """Whether the action can be applied to what the registry says now; BadAction otherwise."""
    member = registry.members.get(action.organization)
    if isinstance(action, Admitted):
        if action.organization == REGISTRY:
            raise BadAction(f"{REGISTRY} is the name of the registry itself; choose another organization id")
        if member is not None:
            raise BadAction(
                f"{action.organization} is in the registry already ({member.standing}); ids are never reused"
            )
        _check_keys(action, registry)
        return
    if member is None:
        raise BadAction(f"{action.organization} is not in the registry; it has {', '.join(sorted(registry.members))}")
    allowed = {
        "organization.suspended": (Standing.ACTIVE,),
        "organization.reinstated": (Standing.SUSPENDED,),
        "organization.retired": (Standing.ACTIVE, Standing.SUSPENDED),
    }[action.action]
    if member.standing not in allowed:
        raise BadAction(
            f"{action.organization} is {member.standing}; {action.action} needs it to be {' or '.join(allowed)}"
        )


def apply(action: Action, registry: Registry, *, index: int, statement: bytes) -> None:
    """Fold a checked action into the registry at its log index; `statement` is the hash of the registry's statement."""
    if isinstance(action, Admitted):
        period = KeyPeriod(PublicKey.from_jwk(action.signing_key), index + 1)
        registry.admit(
            Member(
                action.organization,
                action.name,
                Standing.ACTIVE,
                index,
                statement,
                (period,),
                action.bus,
                action.next_key,
                PublicKey.from_jwk(action.witness_key),
                from_b64url(action.encryption_key["x"]),
            )
        )
        return
    standing = {
        "organization.suspended": Standing.SUSPENDED,
        "organization.reinstated": Standing.ACTIVE,
        "organization.retired": Standing.RETIRED,
    }[action.action]
    registry.set_standing(action.organization, standing)


def _check_keys(action: Admitted, registry: Registry) -> None:
    try:
        signing = PublicKey.from_jwk(action.signing_key)
        witness = PublicKey.from_jwk(action.witness_key)
    except BadKey as error:
        raise BadAction(f"{action.organization}: {error}") from None
    names: list[Any] = [
        signing.thumbprint,
        witness.thumbprint,
        action.next_key,
        action.encryption_key.get("x"),
        action.bus,
    ]
    if len(set(names)) != len(names) or signing.raw == witness.raw:
        raise BadAction(f"{action.organization}: signing, next, witness, encryption and bus key must all be distinct")
    _check_x25519(action)
    sharing = [member.organization for member in registry.members.values() if member.bus == action.bus]
    if sharing:
        raise BadAction(f"{action.organization}: its bus key is that of {sharing[0]}; each has an account of its own")
    taken = [key for key in (signing.thumbprint, witness.thumbprint, action.next_key) if key in registry.keys]
    if any(member.bus == action.bus for member in registry.members.values()):
        raise BadAction(f"{action.organization}: its key for the bus is another organization's; run init again")
    if taken:
        raise BadAction(f"{action.organization}: key {taken[0]} is registered already")


def _check_x25519(action: Admitted) -> None:
    jwk = action.encryption_key
    try:
        if set(jwk) != {"crv", "kty", "x"} or (jwk["crv"], jwk["kty"]) != ("X25519", "OKP"):
            raise ValueError('{"crv":"X25519","kty":"OKP","x":…} and nothing else was expected')  # noqa: TRY301
        from_b64url(jwk["x"], size=32)
    except ValueError as error:
        raise BadAction(f"{action.organization}: the encryption key cannot be used: {error}") from None
