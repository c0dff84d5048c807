"""Three real nodes and a real hub with no bus between them: a test carries every event and every receipt itself."""

import shutil
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

from sqlalchemy import Connection, Select, select

from hub import tables
from hub.author import Author
from hub.reads import read_messages
from hub.rebuild import VIEW
from hub.receipting import Receipts
from hub.schema import MIGRATIONS
from hub.writer import Committed, Writer
from node.hub_key import HubKey
from node.node import begin, build, join
from node.progress import Progress
from node.receipts import ReceiptBook
from tests.migrated import migrated_engine
from tests.signed_network import HUB_KEY, NETWORK, NOON, ROOT, TRUST, Roots, admission_of
from wire.actions import Action, Admitted, sign_action
from wire.bus import Bus
from wire.database import open_database, sqlite_url
from wire.enrolment import make_admission, open_admission, open_enrolment
from wire.examine import Message
from wire.key_sets import ENROLMENT_FILE
from wire.seal import timestamp

ORGANIZATIONS = ("xa-centre", "xb-office", "xc-agency")
MANY = 10_000
_ADMISSION = "admission.json"


@dataclass
class Clock:
    """The time of everybody, which passes only when the test says so."""

    seconds: float = 0.0

    def text(self) -> str:
        """Write the moment as receipts do, to the millisecond."""
        return timestamp(self.moment())

    def moment(self) -> datetime:
        """Give the moment."""
        return NOON.astimezone(UTC) + timedelta(seconds=self.seconds)


class NodeEnd:
    """A node's store, editor, outbox and book of receipts. `document` is its admission: it has joined, or may."""

    def __init__(self, directory: Path, clock: Clock) -> None:
        self._directory = directory
        self._clock = clock
        self.organization = directory.name
        self.document = (directory / _ADMISSION).read_bytes()
        self.open()

    def open(self) -> None:
        """Begin as the process does: all it knows is in its directory, and sending begins behind what is logged."""
        self.node = build(self._directory)
        self.joined = self.node.admission() is not None
        self.progress = Progress(self.node.outbox.relay().logged)
        admission = open_admission(self.document)
        self.hub_key = HubKey.of(admission, self.node.log)
        self._book = ReceiptBook(admission, self.node.outbox, self.progress, self._clock.moment, self.hub_key.now)

    def close(self) -> None:
        """End without a word, as a killed process does."""
        self.node.engine.dispose()

    def join(self) -> None:
        """Join the network; what was edited until then is sealed."""
        join(self.node, self.document)
        self.joined = True

    def send(self, most: int) -> list[Message]:
        """Give the next events that the relay would hand to the bus."""
        room = self.progress.room(self._clock.seconds) if self.joined else 0
        events = self.node.outbox.after(self.progress.sent, min(room, most), 1_000_000) if room else []
        if events:
            self.progress.offered(events[-1].sequence, self._clock.seconds, begun_in=self.progress.round)
        return [Message(self.organization, event.kind, event.token, event.body) for event in events]

    def enter(self, receipt: bytes, *, answer: bool = False) -> None:
        """Take a receipt; Alarmed if it shows another chain than this node's."""
        self._book.enter(receipt, self._clock.seconds, answer=answer)


@dataclass
class Hub:
    """A hub's database, its one writer and its receipts; `receipts` holds those that nobody has carried yet."""

    directory: Path
    clock: Clock
    receipts: list[tuple[str, bytes]] = field(default_factory=list)

    def __post_init__(self) -> None:
        # It keeps no more than the statements that it has compiled once `close` has taken its connections.
        self.engine = open_database(sqlite_url(self.directory / "hub.sqlite"))
        self.open()

    def open(self) -> None:
        """Begin as the process does, with an empty memory."""
        self.writer = Writer(self.engine, TRUST, Author(HUB_KEY))
        stands = {name: stand for name in self.writer.state.speakers if (stand := self.writer.stand(name))}
        # Receipts that nobody sends need no bus; these are taken out by `receipt`.
        self._receipts = Receipts(
            NETWORK, lambda: HUB_KEY, self.engine, cast("Bus", None), stands, lambda _: ("live", ""), self.clock.text
        )

    def close(self) -> None:
        """End without a word: what was held, unverified and in memory, is gone."""
        self.engine.dispose()

    def take(self, messages: list[Message]) -> Committed:
        """Examine, judge and commit one batch; its receipts are added to those to be carried."""
        reads = read_messages(NETWORK, self.writer.packed_keys, messages)
        committed = self.writer.commit(list(zip(messages, reads, strict=True)))
        self._receipts.committed(committed)
        for organization in sorted(committed.outcome.heard):
            places = [(e.sequence, e.index) for e in committed.outcome.entries if e.organization == organization]
            self.receipts.append((organization, self._receipts.receipt(organization, places)))
        return committed

    def receipt(self, organization: str) -> bytes:
        """Answer a head, or a question, of an organization."""
        return self._receipts.receipt(organization, [])

    def quarantined(self) -> list[tuple[str, str]]:
        """Give who was refused and why."""
        kept = tables.quarantine.c
        with self.engine.connect() as connection:
            return [(who, why) for who, why in connection.execute(select(kept.bus_organization, kept.reason))]

    def view(self) -> dict[str, list[tuple[object, ...]]]:
        """Give every row of the view, and which record each log entry is about."""
        with self.engine.connect() as connection:
            rows = {table.name: _rows(connection, select(table)) for table in VIEW}
            rows["about"] = _rows(connection, select(tables.log.c.index, tables.log.c.record))
        return rows


def make_network(directory: Path) -> None:
    """Make hub and nodes in a directory, to be copied for each run; all are admitted, and all but the last joined."""
    directory.mkdir()
    engine = migrated_engine(directory / "hub.sqlite", MIGRATIONS)
    writer, roots = Writer(engine, TRUST, Author(HUB_KEY)), Roots()
    own = _register(writer, roots, admission_of("hub", roots.place(), HUB_KEY))
    for name in ORGANIZATIONS:
        begin(directory / name, organization=name, name=name, org_type="10", database="")
        members: dict[str, Any] = {**roots.place(), **open_enrolment((directory / name / ENROLMENT_FILE).read_bytes())}
        admitted = _register(writer, roots, Admitted(**members))
        document = make_admission(TRUST, own, admitted, "nats://127.0.0.1:1")
        (directory / name / _ADMISSION).write_bytes(document)
        node = build(directory / name)
        if name != ORGANIZATIONS[-1]:
            join(node, document)
        node.engine.dispose()
    engine.dispose()


def copy_network(template: Path, directory: Path) -> tuple[Hub, list[NodeEnd], Clock]:
    """Open a copy of what `make_network` made."""
    shutil.copytree(template, directory)
    clock = Clock()
    return Hub(directory, clock), [NodeEnd(directory / name, clock) for name in ORGANIZATIONS], clock


def _register(writer: Writer, roots: Roots, action: Action) -> tuple[bytes, bytes]:
    entry = writer.register(sign_action(action, [ROOT])).outcome.entries[0]
    assert entry.body is not None, "an action is the body of its statement"
    roots.done(entry.hash)
    return entry.token, entry.body


def _rows(connection: Connection, query: Select[Any]) -> list[tuple[object, ...]]:
    return sorted((tuple(row) for row in connection.execute(query)), key=repr)
