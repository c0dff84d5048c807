"""Rotation: an organization goes over to the key that it committed to before, and commits to the one after.

The statement is signed with the current key; its body carries a proof by the next one. A thief of the current key
alone has no such proof, so only the owner can rotate.
"""

from typing import Any, NamedTuple

import orjson

from schemas.problems import Problem, problem
from wire import jws
from wire.canonical import canonical, is_canonical
from wire.encoding import b64url, from_b64url
from wire.keys import BadKey, PublicKey, SigningKey
from wire.registry import Registry

ROTATED = "liaison.key.rotated"
MAX_BODY = 4096
_PROOF = {"network", "next_key", "organization", "previous", "sequence", "signing_key"}


class Rotation(NamedTuple):
    """What a proven rotation says: where it stands, the key from now on, and the thumbprint of the one after."""

    network: str
    organization: str
    sequence: int
    previous: bytes
    signing_key: PublicKey
    next_key: str


class BadRotation(ValueError):
    """A body that proves no rotation; the message says why."""


def prove_rotation(
    network: str, organization: str, sequence: int, previous: bytes, keys: tuple[SigningKey, str]
) -> str:
    """Give the proof for the statement at this place. `keys`: the next key, and the thumbprint of the one after."""
    following, after = keys
    said = {
        "network": network,
        "next_key": after,
        "organization": organization,
        "previous": b64url(previous),
        "sequence": f"{sequence:012d}",
        "signing_key": following.public.jwk,
    }
    return jws.sign(jws.ROTATION, canonical(said), following)


def read_rotation(body: bytes) -> Rotation:
    """Read the body and verify its proof under the key that it brings; BadRotation otherwise."""
    if len(body) > MAX_BODY:
        raise BadRotation(f"{len(body)} bytes; at most {MAX_BODY} were expected")
    document = _members(body, {"nonce", "proof"}, "the body")
    try:
        from_b64url(str(document["nonce"]), size=16)
        proof = str(document["proof"]).encode()
        parts = jws.take_apart(proof, jws.ROTATION)
        said = _members(parts.payload, _PROOF, "the proof")
        if not all(isinstance(said[name], str) for name in _PROOF - {"signing_key"}):
            raise BadRotation("the members of the proof are texts, and signing_key a JWK")
        key = PublicKey.from_jwk(said["signing_key"])
        jws.verified_payload(proof, jws.ROTATION, {key.thumbprint: key})
        from_b64url(said["next_key"], size=32)
        previous = from_b64url(said["previous"], size=32)
    except (jws.Malformed, BadKey, ValueError) as error:
        raise BadRotation(str(error)) from None
    sequence = said["sequence"]
    if len(sequence) != 12 or not sequence.isascii() or not sequence.isdigit():
        raise BadRotation(f"the sequence {sequence[:40]!r}; 12 digits were expected")
    if said["next_key"] == key.thumbprint:
        raise BadRotation("the key after the next is the next one again")
    return Rotation(said["network"], said["organization"], int(sequence), previous, key, said["next_key"])


def rotation_in(
    body: bytes, organization: str, sequence: int, previous: bytes
) -> tuple[Rotation | None, list[Problem]]:
    """Judge by itself the body of a rotation at this place: the rotation, or what is wrong with it (step 9)."""
    try:
        found = read_rotation(body)
    except BadRotation as error:
        return None, [problem(("proof",), str(error), "be a proof by the next key")]
    here = (organization, sequence, previous)
    if (found.organization, found.sequence, found.previous) != here:
        place = f"{found.organization}:{found.sequence} after {b64url(found.previous)}"
        return None, [problem(("proof",), place, f"be made for {organization}:{sequence} after {b64url(previous)}")]
    return found, []


def check_rotation(rotation: Rotation, registry: Registry) -> Problem | None:
    """Judge it against what the registry says at its index: the key must be the one that was committed to."""
    member = registry.members[rotation.organization]
    if rotation.network != registry.network:
        return problem(("proof",), f"a proof for {rotation.network}", f"be for {registry.network}")
    if registry.is_former(rotation.organization, rotation.sequence):
        return None  # it was judged in the log before this one, as it stood in the registry then
    if rotation.signing_key.thumbprint != member.next_key:
        return problem(("proof",), f"key {rotation.signing_key.thumbprint}", f"be by the next key {member.next_key}")
    before = registry.taken.get(rotation.next_key)
    if before is not None:
        return problem(("proof",), f"a next key that is {before} already", "commit to a new key")
    return None


def apply_rotation(rotation: Rotation, registry: Registry, *, index: int) -> None:
    """Fold a checked rotation logged at `index`: the old key is valid through it, the new one after it.

    One from a log before this one whose key the roots have replaced since makes only known who spoke then.
    """
    member = registry.members[rotation.organization]
    if rotation.signing_key.thumbprint != member.next_key:
        registry.know_key(rotation.organization, rotation.signing_key, index + 1)
        return
    registry.replace_key(rotation.organization, rotation.signing_key, index + 1, rotation.next_key)


def _members(data: bytes, names: set[str], what: str) -> dict[str, Any]:
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise BadRotation(f"{what} is not JSON ({error})") from None
    if not isinstance(value, dict) or set(value) != names or not is_canonical(data, value):
        raise BadRotation(f"{what} has the members {', '.join(sorted(names))} in canonical form, and no others")
    return value
