"""Judges the keys that the roots register in our name: one that is not ours, and that none may speak any more."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from node.alarms import Finding, Name
from node.registered_keys import SIGNING, KeysRegistered
from schemas.sentences import sentence
from wire.enrolment import Admission
from wire.key_sets import key_set, key_sets
from wire.keys import BadKey, PublicKey, SigningKey, read_secret
from wire.nkeys import nkey_public, nkey_raw
from wire.x25519 import DecryptionKey


class JudgedKeys(NamedTuple):
    """What is wrong, and which alarms of before have been put right."""

    findings: list[Finding]
    ended: list[Name]


NOTHING = JudgedKeys([], [])
_ALARMS = (Name.FOREIGN_KEY, Name.KEY_REVOKED)


def judge_keys(
    registered: Sequence[KeysRegistered], admission: Admission, held: Callable[[], frozenset[PublicKey]]
) -> JudgedKeys:
    """Compare what the roots registered with what this node holds; `held` is asked only when they registered something.

    What lies before the replacement that the node has joined with is the past: its files may be lost, or destroyed.
    """
    judged = NOTHING
    joined = int(admission.keys.sequence)
    for each in registered:
        if admission.replaced and each.sequence < joined:
            continue
        foreign = [role for role, key in each.keys.items() if key not in held() | {admission.signing_key}]
        found = [_foreign(each, foreign)] if foreign else []
        found += [] if SIGNING in each.keys else [_revoked(each)]
        stand = {finding.name for finding in found}
        before = [finding for finding in judged.findings if finding.name in stand]
        judged = JudgedKeys([*before, *found], [name for name in _ALARMS if name not in stand])
    return judged


def keys_held(directory: Path) -> frozenset[PublicKey]:
    """All keys whose private part can be read in the directory, in use or made to replace others."""
    found = set[PublicKey]()
    for number in key_sets(directory):
        place = key_set(directory, number)
        for path in [*place.glob("signing*.pem"), place / "next.pem", place / "witness.pem"]:
            with suppress(OSError, BadKey):
                found.add(SigningKey.load(path).public)
        with suppress(OSError, BadKey):
            found.add(PublicKey(DecryptionKey.load(place / "encryption.pem").public))
        with suppress(OSError, BadKey):
            found.add(PublicKey(nkey_raw(nkey_public(read_secret(place / "bus.nk")))))
    return frozenset(found)


def _foreign(registered: KeysRegistered, roles: Sequence[str]) -> Finding:
    text = sentence(
        "index {index}: the roots have registered in our name what this node does not hold and "
        "did not ask for: {roles}. Whoever holds it can act as us. If it is not yours, tell the "
        "roots and all members, and have it replaced: liaison-node keys replace",
        index=registered.index,
        roles=", ".join(roles),
    )
    keys = {role: registered.keys[role].thumbprint for role in roles}
    evidence = {"token": registered.token.decode(), "action": registered.body.decode(), **keys}
    return Finding(Name.FOREIGN_KEY, text, registered.index, evidence)


def _revoked(registered: KeysRegistered) -> Finding:
    text = sentence(
        "index {index}: the roots have revoked the signing key of this organization. Nothing that this node signs is "
        "accepted until they register another one",
        index=registered.index,
    )
    evidence = {"token": registered.token.decode(), "action": registered.body.decode()}
    return Finding(Name.KEY_REVOKED, text, registered.index, evidence)
