"""A network for benchmarks: a hub's state directory, 50 admitted organizations, and events that they have sealed."""

import os
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

from hub.author import Author
from hub.keyring import Keyring, create_keys, load_keys, load_roots
from hub.schema import MIGRATIONS
from hub.writer import Writer
from schemas.body import make_body
from schemas.entry import parse_entry
from tests.schemas.examples import EXAMPLES
from tests.signed_network import reading_key_of
from wire.actions import Admitted, sign_action
from wire.database import migrate, open_database, sqlite_url
from wire.encoding import b64url
from wire.examine import Message
from wire.keys import SigningKey
from wire.nkeys import generate_nkey
from wire.registry import REGISTRY
from wire.seal import Place, nonce, seal

NETWORK = "bench.example"
ORGANIZATIONS = 50
# What a network says most: contacts and needs, and now and then an activity; about 1.4 kB of body each.
MIX = ("contact", "need", "contact", "need", "activity")


@dataclass
class BenchNetwork:
    """The hub's parts that the intake needs, and the organizations' keys and chain heads."""

    directory: Path
    engine: Engine
    keyring: Keyring
    keys: dict[str, SigningKey]
    heads: dict[str, tuple[int, bytes]]

    def writer(self) -> Writer:
        """Give a writer that has read the state from the database."""
        return Writer(self.engine, self.keyring.trust, Author(self.keyring.signing))

    def events(self, count: int, marking: str = "TLP:GREEN", mix: Sequence[str] = MIX) -> Iterator[Message]:
        """Seal `count` new events, organization by organization in turn, each continuing its chain."""
        records = {kind: parse_entry(EXAMPLES[kind]) for kind in set(mix)}
        names = sorted(self.keys)
        for number in range(count):
            organization = names[number % len(names)]
            kind = mix[number // len(names) % len(mix)]
            sequence, previous = self.heads[organization]
            entry = records[kind]
            sealed = seal(
                Place(NETWORK, organization, sequence + 1, previous),
                self.keys[organization],
                subject=f"{kind}/{organization}/{secrets.token_hex(8)}",
                event_type=f"liaison.{kind}.published",
                marking=marking,
                body=make_body(entry.record, nonce()),
            )
            self.heads[organization] = (sequence + 1, sealed.hash)
            yield Message(organization, kind, sealed.token, sealed.body)


def make_network(directory: Path) -> BenchNetwork:
    """Begin a network and admit its organizations."""
    trust, admitted = create_keys(directory, NETWORK)
    engine = open_database(os.environ.get("LIAISON_BENCH_DATABASE") or sqlite_url(directory / "hub.sqlite"))
    migrate(engine, MIGRATIONS)
    keyring = load_keys(directory)
    roots = load_roots(directory)
    writer = Writer(engine, trust, Author(keyring.signing))
    writer.register(sign_action(admitted, roots))
    network = BenchNetwork(directory, engine, keyring, {}, {})
    for number in range(ORGANIZATIONS):
        organization = f"organization-{number:02d}"
        key = SigningKey.generate()
        place = writer.state.next_place(REGISTRY)
        action = Admitted(
            network=NETWORK,
            sequence=f"{place.sequence:012d}",
            previous=b64url(place.previous),
            organization=organization,
            name=organization,
            signing_key=key.public.jwk,
            next_key=SigningKey.generate().public.thumbprint,
            witness_key=SigningKey.generate().public.jwk,
            encryption_key={"crv": "X25519", "kty": "OKP", "x": b64url(reading_key_of(organization).public)},
            bus=generate_nkey()[1],
        )
        writer.register(sign_action(action, roots))
        network.keys[organization] = key
        network.heads[organization] = (0, writer.state.speakers[organization].head)
    return network
