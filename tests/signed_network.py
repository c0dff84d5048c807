"""A network without a bus: roots and organizations that seal real events, and what attackers make of them."""

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import orjson
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from schemas.body import make_body, make_withdrawal
from wire import jws
from wire.actions import Action, Admitted, KeyReplaced
from wire.canonical import canonical
from wire.encoding import b64url
from wire.encryption import encrypt
from wire.erasure import DONE, ORDERED, done_members, done_name, order_members, order_name
from wire.examine import Message
from wire.jwe import CONTENT_TYPE as ENCRYPTED
from wire.keys import SigningKey
from wire.nkeys import generate_nkey
from wire.seal import Place, Sealed, seal, seal_rotation
from wire.trust import Trust
from wire.x25519 import DecryptionKey, jwk_of

NETWORK = "exercise.example"
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
NEVER_DUE = "2099-12-31"  # as a day of review or the last one of an offer: whatever day it is, it is to come


def key_of(name: str) -> SigningKey:
    """The same name always gives the same key."""
    return SigningKey.from_seed(hashlib.sha256(name.encode()).digest())


def reading_key_of(name: str) -> DecryptionKey:
    """The key with which an organization reads what is addressed to it; the same name always gives the same one."""
    return DecryptionKey(X25519PrivateKey.from_private_bytes(hashlib.sha256(f"{name} reads".encode()).digest()))


def encrypted_to(body: bytes, *organizations: str) -> bytes:
    """A body for these organizations."""
    return encrypt(body, {each: reading_key_of(each).public for each in organizations})


def trust_of(*roots: SigningKey, threshold: int = 1) -> Trust:
    """A trust.json with these roots."""
    return Trust(NETWORK, tuple(root.public for root in roots), threshold, key_of("log").public)


ROOT = key_of("root")
HUB_KEY = key_of("hub")
TRUST = trust_of(ROOT)


def need(title: str = "Document readers", /, **changes: Any) -> dict[str, Any]:
    """A valid need that everybody may see."""
    return {
        "requester": "ke-nctc",
        "beneficiary": {"country": "KEN"},
        "themes": [{"scheme": "theme_1373", "code": "2.10"}],
        "title": {"en": title},
        "description": {"en": "Readers for border posts."},
        "assistance_modes": ["equipment"],
        "origin": "assessment",
        "need_status": "acknowledged",
        "consent_to_circulate": True,
        "consent_to_publish": True,
        **changes,
    }


def contact(**changes: Any) -> dict[str, Any]:
    """A valid contact of an office, for members."""
    office: dict[str, Any] = {
        "organization": "ke-nctc",
        "card_kind": "group",
        "name": {"en": "Duty office"},
        "visibility": "members",
    }
    office["confirmed_at"] = "2026-11-01"
    return office | {"roles": ["duty_officer_24x7"], "emails": [{"address": "duty@centre.example"}]} | changes


def nonce(seed: int) -> str:
    """A nonce that is the same every time."""
    return b64url(hashlib.sha256(str(seed).encode()).digest()[:16])


@dataclass
class Organization:
    """One organization's chain, sealed with its own key; `head` and `sequence` go on with each event."""

    id: str
    head: bytes
    key: SigningKey
    network: str = NETWORK
    sequence: int = 0

    def place(self) -> Place:
        """Where the next statement stands."""
        return Place(self.network, self.id, self.sequence + 1, self.head)

    def say(
        self, record: dict[str, Any] | None = None, *, kind: str = "need", id: str = "n1", action: str = "published",  # noqa: A002
        marking: str = "TLP:CLEAR", body: bytes | None = None, now: datetime = NOON, key: SigningKey | None = None,
        content_type: str = "application/json",
    ) -> Sealed:  # fmt: skip
        """Seal the next event; a need unless told otherwise."""
        if body is None:
            number = nonce(self.sequence)
            given = need() if record is None else record
            body = make_withdrawal("It ended.", number) if action == "withdrawn" else make_body(given, number)
        sealed = seal(
            self.place(), key or self.key, subject=f"{kind}/{self.id}/{id}", event_type=f"liaison.{kind}.{action}",
            marking=marking, body=body, now=now, content_type=content_type,
        )  # fmt: skip
        self.sequence, self.head = sealed.sequence, sealed.hash
        return sealed

    def tell(
        self, *readers: str, record: dict[str, Any] | None = None, kind: str = "need", id: str = "n1",  # noqa: A002
        action: str = "published", marking: str = "TLP:AMBER", reason: str = "It ended.",
    ) -> Sealed:  # fmt: skip
        """Seal the next event for these organizations and its author alone; a need unless told otherwise."""
        number = nonce(self.sequence)
        plain = make_withdrawal(reason, number) if action == "withdrawn" else make_body(record or need(), number)
        body = encrypted_to(plain, self.id, *readers)
        return self.say(kind=kind, id=id, action=action, marking=marking, body=body, content_type=ENCRYPTED)

    def rotate(self, following: SigningKey | None = None, after: str = "") -> Sealed:
        """Go over to the next key, commit to the one after, and go on with the next key."""
        following = following or key_of(f"{self.id} next")
        after = after or key_of(f"{self.id} next after {self.sequence}").public.thumbprint
        sealed = seal_rotation(self.place(), self.key, following, after, now=NOON)
        self.sequence, self.head, self.key = sealed.sequence, sealed.hash, following
        return sealed

    def order(self, record: str, statements: list[bytes], *, body: bytes | None = None) -> Sealed:
        """Seal an order to erase these statements of a record (kind/org/id)."""
        members = {"nonce": nonce(self.sequence), **order_members(record, statements)}
        return self._control(ORDERED, order_name(self.sequence + 1), body or canonical(members))

    def erased(self, order: bytes, index: int) -> Sealed:
        """Seal a confirmation that an order, logged at `index`, was obeyed."""
        members = {"nonce": nonce(self.sequence), **done_members(order)}
        return self._control(DONE, done_name(index), canonical(members))

    def _control(self, event_type: str, name: str, body: bytes) -> Sealed:
        sealed = seal(
            self.place(), self.key, subject=f"control/{self.id}/{name}", event_type=event_type, marking="TLP:CLEAR",
            body=body, now=NOON,
        )  # fmt: skip
        self.sequence, self.head = sealed.sequence, sealed.hash
        return sealed

    def twin(self) -> "Organization":
        """A copy of this organization's node, as after a restored backup."""
        return Organization(self.id, self.head, self.key, self.network, self.sequence)


def message_of(sealed: Sealed) -> Message:
    """A sealed event as its own node puts it on the bus."""
    return Message(sealed.organization, sealed.kind, sealed.token, sealed.body)


def statement_of(token: bytes) -> dict[str, Any]:
    """What a token says, as members."""
    members: dict[str, Any] = orjson.loads(jws.take_apart(token, jws.EVENT).payload)
    return members


def signed_anew(sealed: Sealed, key: SigningKey, **changes: Any) -> Message:
    """The same event with other members in its statement (None: left out), validly signed by this key."""
    members = {**statement_of(sealed.token), **changes}
    payload = canonical({name: value for name, value in members.items() if value is not None})
    return message_of(sealed)._replace(token=jws.sign(jws.EVENT, payload, key).encode())


def signed_raw(sealed: Sealed, key: SigningKey, payload: bytes) -> Message:
    """Any bytes in place of the statement, validly signed."""
    return message_of(sealed)._replace(token=jws.sign(jws.EVENT, payload, key).encode())


def with_header(sealed: Sealed, key: SigningKey, header: bytes) -> Message:
    """The same statement under any header, validly signed over that header."""
    payload = sealed.token.split(b".")[1]
    signed = b64url(header).encode() + b"." + payload
    return message_of(sealed)._replace(token=signed + b"." + b64url(key.sign(signed)).encode())


@dataclass
class Roots:
    """The roots at work: each action stands in the registry's chain after the one before."""

    trust: Trust = TRUST
    head: bytes = field(default=b"")
    sequence: int = 0

    def place(self) -> dict[str, str]:
        """Members that bind the next action to its place."""
        previous = self.head or self.trust.digest
        return {
            "network": self.trust.network,
            "sequence": f"{self.sequence + 1:012d}",
            "previous": b64url(previous),
        }

    def done(self, statement: bytes) -> None:
        """The action was logged under this statement hash."""
        self.head, self.sequence = statement, self.sequence + 1


def enrolled(organization: str, key: SigningKey | None = None) -> dict[str, Any]:
    """The members of an enrolment."""
    return {
        "organization": organization,
        "name": f"Office {organization}",
        "signing_key": (key or key_of(organization)).public.jwk,
        "next_key": key_of(f"{organization} next").public.thumbprint,
        "witness_key": key_of(f"{organization} witness").public.jwk,
        "encryption_key": jwk_of(reading_key_of(organization).public),
        "bus": generate_nkey()[1],
    }


def admission_of(organization: str, place: dict[str, str], key: SigningKey | None = None) -> Action:
    """The action that admits an organization."""
    return Admitted(**{**place, **enrolled(organization, key)})


def replacement_of(
    organization: str, place: dict[str, str], key: SigningKey, *, name: str = "", reason: str = "Stolen."
) -> Action:
    """The action that gives an organization other keys: this one to sign with, and four of `name`'s."""
    members = enrolled(name or f"{organization}-again", key) | {"organization": organization}
    members.pop("name")
    return KeyReplaced(reason=reason, **members, **place)
