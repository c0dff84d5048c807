"""A hub's database filled by the hub's own writer with signed events, for the tests of everything that reads it."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from hub import tables
from hub.author import Author
from hub.reads import keys_in, read_message
from hub.schema import MIGRATIONS
from hub.tail import Tail
from hub.writer import Writer
from schemas.entry import parse_entry
from tests.migrated import migrated_engine, migrated_postgres
from tests.schemas.examples import EXAMPLES
from tests.signed_network import (
    HUB_KEY,
    NETWORK,
    NOON,
    ROOT,
    TRUST,
    Organization,
    Roots,
    admission_of,
    key_of,
    message_of,
)
from wire.actions import Action, sign_action
from wire.examine import Message
from wire.seal import Sealed


def example(kind: str, **changes: Any) -> dict[str, Any]:
    """The record of a full valid example of a kind, with some fields changed (None: left out)."""
    entry = {**EXAMPLES[kind], **changes}
    return parse_entry({name: value for name, value in entry.items() if value is not None}).record


class Published:
    """A network whose events are judged and written for real; `tail` is at the end of the log."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.writer = Writer(engine, TRUST, Author(HUB_KEY))
        self.tail = Tail(0)
        self.announce: Callable[[int], None] = self.tail.advance
        self.roots = Roots()
        self.organizations: dict[str, Organization] = {}
        self.register(admission_of("hub", self.roots.place(), HUB_KEY))

    def register(self, action: Action) -> None:
        """Let the roots act."""
        committed = self.writer.register(sign_action(action, [ROOT]))
        self.roots.done(committed.outcome.entries[0].hash)
        self.announce(committed.size)

    def admit(self, name: str) -> Organization:
        """Admit an organization, once."""
        if name not in self.organizations:
            self.register(admission_of(name, self.roots.place()))
            member = self.writer.state.registry.members[name]
            self.organizations[name] = Organization(name, member.admitted_by, key_of(name))
        return self.organizations[name]

    def publish(
        self,
        kind: str,
        record: dict[str, Any] | None = None,
        *,
        org: str = "xa-centre",
        id: str = "r1",  # noqa: A002
        action: str = "published",
        marking: str = "TLP:CLEAR",
        now: datetime = NOON,
    ) -> int:
        """Have an organization say something; gives the log index of its event."""
        author = self.admit(org)
        given = example(kind) if record is None else record
        sealed = author.say(given, kind=kind, id=id, action=action, marking=marking, now=now)
        return self.deliver(message_of(sealed))

    def withdraw(self, kind: str, *, org: str = "xa-centre", id: str = "r1", marking: str = "TLP:CLEAR") -> int:  # noqa: A002
        """Have an organization withdraw a record."""
        return self.deliver(message_of(self.admit(org).say(kind=kind, id=id, action="withdrawn", marking=marking)))

    def tell(self, *readers: str, org: str = "xa-centre", **said: Any) -> int:
        """Have an organization say something to these readers alone; gives the log index of its event."""
        author = self.admit(org)
        for reader in readers:
            self.admit(reader)
        return self.deliver(message_of(author.tell(*readers, **said)))

    def logged(self) -> list[bytes]:
        """All tokens in the order of the log."""
        with self.engine.connect() as connection:
            return list(connection.scalars(select(tables.log.c.token).order_by(tables.log.c.index)))

    def deliver(self, message: Message | Sealed) -> int:
        """Hand the writer one message as from the bus; gives the index of the first entry it made, or -1."""
        if isinstance(message, Sealed):
            message = message_of(message)
        read = read_message(message, NETWORK, keys_in(self.writer.packed_keys))
        committed = self.writer.commit([(message, read)])
        self.announce(committed.size)
        return committed.outcome.entries[0].index if committed.outcome.entries else -1


@pytest.fixture
def sqlite_engine(tmp_path: Path) -> Iterator[Engine]:
    """A migrated SQLite database."""
    engine = migrated_engine(tmp_path / "hub.db", MIGRATIONS)
    yield engine
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def any_engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """A migrated database of each sort: what reads must read the same."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite_engine")
        return
    with migrated_postgres(request.getfixturevalue("postgres_server"), MIGRATIONS) as engine:
        yield engine


@pytest.fixture
def network(any_engine: Engine) -> Published:
    """A network on each database."""
    return Published(any_engine)


@pytest.fixture
def small_network(sqlite_engine: Engine) -> Published:
    """A network on SQLite, for what no database can make different."""
    return Published(sqlite_engine)
