"""Rotation: an organization goes over to the key that it committed to before, and commits to the one after.

The statement is signed with the current key; its body carries a proof by the next one. A thief of the current key
alone has no such proof, so only the owner can rotate.
"""

from typing import Any, NamedTuple

import orjson

from schemas.problems import Problem, problem
from schemas.sentences import gettext_noop as N_
from schemas.sentences import sentence
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
        raise BadRotation(
            sentence("{count} bytes; at most {max_body} were expected", count=len(body), max_body=MAX_BODY)
        )
    document = _members(body, {"nonce", "proof"}, "the body")
    try:
        from_b64url(str(document["nonce"]), size=16)
        proof = str(document["proof"]).encode()
        parts = jws.take_apart(proof, jws.ROTATION)
        said = _members(parts.payload, _PROOF, "the proof")
        if not all(isinstance(said[name], str) for name in _PROOF - {"signing_key"}):
            raise BadRotation(N_("the members of the proof are texts, and signing_key a JWK"))
        key = PublicKey.from_jwk(said["signing_key"])
        jws.verified_payload(proof, jws.ROTATION, {key.thumbprint: key})
        from_b64url(said["next_key"], size=32)
        previous = from_b64url(said["previous"], size=32)
    except (jws.Malformed, BadKey, ValueError) as error:
        raise BadRotation(str(error)) from None
    sequence = said["sequence"]
    if len(sequence) != 12 or not sequence.isascii() or not sequence.isdigit():
        raise BadRotation(sentence("the sequence {sequence}; 12 digits were expected", sequence=f"{sequence[:40]!r}"))
    if said["next_key"] == key.thumbprint:
        raise BadRotation(N_("the key after the next is the next one again"))
    return Rotation(said["network"], said["organization"], int(sequence), previous, key, said["next_key"])


def rotation_in(
    body: bytes, organization: str, sequence: int, previous: bytes
) -> tuple[Rotation | None, list[Problem]]:
    """Judge by itself the body of a rotation at this place: the rotation, or what is wrong with it (step 9)."""
    try:
        found = read_rotation(body)
    except BadRotation as error:
        return None, [problem(("proof",), str(error), N_("be a proof by the next key"))]
    here = (organization, sequence, previous)
    if (found.organization, found.sequence, found.previous) != here:
        place = sentence(
            "a proof for {organization}:{sequence} after {previous}",
            organization=found.organization,
            sequence=found.sequence,
            previous=b64url(found.previous),
        )
        return None, [
            problem(
                ("proof",),
                place,
                sentence(
                    "be made for {organization}:{sequence} after {previous}",
                    organization=organization,
                    sequence=sequence,
                    previous=b64url(previous),
                ),
            )
        ]
    return found, []


def check_rotation(rotation: Rotation, registry: Registry) -> Problem | None:
    """Judge it against what the registry says at its index: the key must be the one that was committed to."""
    member = registry.members[rotation.organization]
    if rotation.network != registry.network:
        return problem(
            ("proof",),
            sentence("a proof for {network}", network=rotation.network),
            sentence("be for {network}", network=registry.network),
        )
    if registry.is_former(rotation.organization, rotation.sequence):
        return None  # it was judged in the log before this one, as it stood in the registry then
    if rotation.signing_key.thumbprint != member.next_key:
        return problem(
            ("proof",),
            sentence("key {thumbprint}", thumbprint=rotation.signing_key.thumbprint),
            sentence("be by the next key {next_key}", next_key=member.next_key),
        )
    before = registry.taken.get(rotation.next_key)
    if before is not None:
        return problem(
            ("proof",), sentence("a next key that is {before} already", before=before), N_("commit to a new key")
        )
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
        raise BadRotation(sentence("{what} is not JSON ({error})", what=what, error=error)) from None
    if not isinstance(value, dict) or set(value) != names or not is_canonical(data, value):
        raise BadRotation(
            sentence(
                "{what} has the members {names} in canonical form, and no others",
                what=what,
                names=", ".join(sorted(names)),
            )
        )
    return value
