"""Nodes for tests: made as `init` makes them, admitted by a hub's end that holds real keys and signs real receipts."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from node.edit import Put
from node.node import DATABASE_FILE, Node, begin, build, join
from node.store.opening import MIGRATIONS
from schemas.entry import parse_entry
from tests.migrated import migrated_file
from tests.schemas.examples import EXAMPLES
from tests.signed_network import reading_key_of
from wire.actions import Admitted, KeyReplaced, KeyRevoked, sign_action
from wire.encoding import b64url
from wire.enrolment import Logged, make_admission, open_enrolment
from wire.key_sets import ENROLMENT_FILE
from wire.keys import PublicKey, SigningKey
from wire.nkeys import generate_nkey
from wire.receipts import Judgement, Receipt, sign_receipt
from wire.receipts import Logged as LoggedUpTo
from wire.registry import HUB, REGISTRY, Member, Registry, Standing
from wire.seal import Place, Sealed, control_subject, seal
from wire.trust import Trust

NETWORK = "exercise.example"
ORG = "xa-centre"


@dataclass
class HubEnd:
    """The keys of a hub, and its registry's chain: it admits real enrolments and signs real receipts."""

    root: SigningKey = field(default_factory=SigningKey.generate)
    key: SigningKey = field(default_factory=SigningKey.generate)
    log_key: SigningKey = field(default_factory=SigningKey.generate)
    registered: list[Sealed] = field(default_factory=list)
    clock: int = 0

    def __post_init__(self) -> None:
        self.trust = Trust(NETWORK, (self.root.public,), 1, self.log_key.public)
        self._sequence, self._previous = 0, self.trust.digest
        members = {
            "organization": HUB, "name": "Hub", "signing_key": self.key.public.jwk,
            "next_key": SigningKey.generate().public.thumbprint, "witness_key": SigningKey.generate().public.jwk,
            "encryption_key": {"crv": "X25519", "kty": "OKP", "x": b64url(bytes([9] * 32))}, "bus": generate_nkey()[1],
        }  # fmt: skip
        self.own = self._register(members)

    def _register(self, members: dict[str, Any], form: type[Admitted | KeyReplaced | KeyRevoked] = Admitted) -> Sealed:
        self._sequence += 1
        place = Place(NETWORK, REGISTRY, self._sequence, self._previous)
        previous = b64url(self._previous)
        action = form(network=NETWORK, sequence=f"{self._sequence:012d}", previous=previous, **members)
        sealed = seal(
            place, self.key, subject=control_subject(REGISTRY, members["organization"]),
            event_type=f"liaison.{action.action}", marking="TLP:CLEAR", body=sign_action(action, [self.root]),
            content_type="application/jose+json",
        )  # fmt: skip
        self._previous = sealed.hash
        self.registered.append(sealed)
        return sealed

    def admit(self, enrolment: bytes, bus_url: str = "nats://127.0.0.1:1") -> bytes:
        """Give the admission for an enrolment."""
        self.member = self._register(open_enrolment(enrolment))
        return self._admission(bus_url)

    def replace(self, enrolment: bytes, bus_url: str = "nats://127.0.0.1:1") -> bytes:
        """Give the admission after the roots have replaced the keys of the organization admitted last."""
        members = open_enrolment(enrolment)
        del members["name"]
        new = self._register({**members, "reason": "Lost."}, KeyReplaced)
        return self._admission(bus_url, replaced=(new.token, new.body))

    def revoke(self, key: PublicKey, organization: str = ORG) -> None:
        """Let the roots revoke a key of an organization."""
        said = {"organization": organization, "key": key.thumbprint, "last_good_sequence": 0, "reason": "Stolen."}
        self._register(said, KeyRevoked)

    def _admission(self, bus_url: str, replaced: Logged | None = None) -> bytes:
        own, member = (self.own.token, self.own.body), (self.member.token, self.member.body)
        return make_admission(self.trust, own, member, bus_url, replaced=replaced)

    def receipt(
        self, sequence: int, digest: bytes, *, organization: str = ORG, missing: bool = False, state: str = "live",
        reason: str = "", judgements: tuple[Judgement, ...] = (), entries: tuple[tuple[int, int], ...] = (),
        key: SigningKey | None = None, index: int | None = None, proof: str = "",
    ) -> bytes:  # fmt: skip
        """Sign a receipt; each is a millisecond younger than the one before."""
        self.clock += 1
        receipt = Receipt(
            network=NETWORK, organization=organization, at=f"2026-11-24T00:00:{self.clock / 1000:06.3f}Z",
            next=sequence + 1, missing=missing, entries=list(entries), judgements=list(judgements), state=state,
            logged=LoggedUpTo(sequence=sequence, hash=b64url(digest), index=sequence + 1 if index is None else index),
            reason=reason, proof=proof,
        )  # fmt: skip
        return sign_receipt(receipt, key or self.key)


def make_node(directory: Path, database: str = "", *, organization: str = ORG) -> Node:
    """Make a node that has not joined."""
    if not database:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        migrated_file(directory / DATABASE_FILE, MIGRATIONS)
    begin(directory, organization=organization, name="Centre of Xandia", org_type="10", database=database)
    return build(directory)


def joined_node(
    directory: Path, database: str = "", *, hub: HubEnd | None = None, bus_url: str = "nats://127.0.0.1:1"
) -> Node:
    """Make a node that has joined: its own record is event 1."""
    node = make_node(directory, database)
    join(node, (hub or HubEnd()).admit((directory / ENROLMENT_FILE).read_bytes(), bus_url))
    return node


def read_registry(node: Node, *others: str, retired: tuple[str, ...] = ()) -> None:
    """What a node knows once it has read the registry: itself, and these other organizations."""
    registry = Registry()
    own = Member(ORG, "Centre of Xandia", Standing.ACTIVE, 1, bytes(32), (), encryption=node.keyring.reading.public)
    registry.admit(own)
    for name in (*others, *retired):
        standing = Standing.RETIRED if name in retired else Standing.ACTIVE
        key = reading_key_of(name).public
        registry.admit(Member(name, f"Office {name}", standing, 2, bytes(32), (), encryption=key))
    node.letters.note(registry.members.values(), [])


def contact(record_id: str | None = "duty", unit: str = "Operations", **changes: Any) -> dict[str, Any]:
    """A valid contact for members."""
    return {**EXAMPLES["contact"], "id": record_id, "unit": unit, "marking": "TLP:GREEN", **changes}


def put(record_id: str | None = "duty", unit: str = "Operations", **changes: Any) -> Put:
    """The change that publishes this contact."""
    return Put(parse_entry(contact(record_id, unit, **changes)))


def noon() -> datetime:
    """A moment that does not move."""
    return datetime(2026, 11, 24, 12, tzinfo=UTC)
