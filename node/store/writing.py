"""One transaction on the chain: record, statement and outbox row are written together, or none of them is."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any, NamedTuple, Self

import orjson
from sqlalchemy import Connection, Engine, Table, select
from sqlalchemy.dialects import postgresql, sqlite

from node import tables
from node.commitments import Sources
from node.store.delivery_times import forget_reached
from node.store.grid_rows import forget_grid, write_grid
from node.store.grid_tables import grid
from node.store.keys import InUse, read_in_use, write_in_use
from schemas.freshness import review_due
from wire import jws
from wire.database import is_sqlite

Address = tuple[str, str]
_CHUNK = 500


class Chain(NamedTuple):
    """Where the chain stands; `network` is None before the node has joined, `alarm` set when it may sign no more.

    `seen` is size and root of the newest checkpoint that this node has cosigned, which its statements name.
    """

    organization: str
    network: str | None
    sequence: int
    head: bytes
    admission: bytes | None
    alarm: str | None
    alarm_text: str | None
    seen: tuple[int, bytes] | None = None


class Kept(NamedTuple):
    """A record as it stands here; `content` is its canonical JSON. `spoken`: an event about it was made once.

    `recipients` are whom its events are encrypted to beside us; none where its marking says who may read it. `due` is
    the day of its next review, none while it is not current, or if it needs none.
    """

    kind: str
    id: str
    marking: str
    content: bytes
    state: str
    spoken: bool
    sequence: int | None
    changed: str
    source: str | None
    recipients: tuple[str, ...] = ()
    due: str | None = None

    def at_its_end(self, **changed: Any) -> "Kept":
        """Give it as it is withdrawn."""
        return self._replace(state="withdrawn", due=None, **changed)

    @property
    def record(self) -> dict[str, Any]:
        """The record's own fields."""
        record: dict[str, Any] = orjson.loads(self.content)
        return record


class Statement(NamedTuple):
    """A sealed event with what is asked about it later."""

    sequence: int
    kind: str
    id: str
    action: str
    marking: str
    time: str
    hash: bytes
    token: bytes
    body: bytes | None  # none once it is erased


class Pending(NamedTuple):
    """A change that waits for the join; `content` is the record's JSON, or the reason of a withdrawal."""

    kind: str
    id: str
    action: str
    marking: str
    content: bytes


class Writing:
    """The open transaction. No other process can append to the chain, or change a record, until it ends."""

    def __init__(self, connection: Connection) -> None:
        self.connection = self._connection = connection
        row = connection.execute(tables.chain.select().with_for_update()).one()
        tree = connection.execute(select(tables.cosigned.c.size, tables.cosigned.c.root)).first()
        self.chain = Chain(
            row.organization, row.network, row.sequence, row.head, row.admission, row.alarm, row.alarm_text,
            None if tree is None else (tree.size, tree.root),
        )  # fmt: skip

    @classmethod
    @contextmanager
    def begin(cls, engine: Engine) -> Iterator[Self]:
        """Begin a transaction that is committed at the end of the block, and undone by an exception."""
        with engine.begin() as connection:
            yield cls(connection)

    def kept(self, addresses: Iterable[Address]) -> dict[Address, Kept]:
        """Give the records at these addresses, those that are there."""
        by_kind: defaultdict[str, list[str]] = defaultdict(list)
        for kind, record_id in dict.fromkeys(addresses):
            by_kind[kind].append(record_id)
        found: dict[Address, Kept] = {}
        table = tables.records
        for kind, ids in by_kind.items():
            for start in range(0, len(ids), _CHUNK):
                query = table.select().where(table.c.kind == kind, table.c.id.in_(ids[start : start + _CHUNK]))
                for row in self._connection.execute(query):
                    found[kind, row.id] = as_kept(row)
        return found

    def keep(self, records: Iterable[Kept]) -> None:
        """Write records as they stand now."""
        table, records = tables.records, list(records)
        rows = [
            {
                "kind": each.kind, "id": each.id, "marking": each.marking, "record": each.content, "state": each.state,
                "spoken": each.spoken, "sequence": each.sequence, "changed": each.changed, "source": each.source,
                "recipients": orjson.dumps(each.recipients).decode() if each.recipients else None,
                "review_due": each.due,
            }
            for each in records
        ]  # fmt: skip
        self._upsert(table, ["kind", "id"], rows)
        write_grid(self._connection, records)

    def sources(self, finding: str) -> Sources | None:
        """Give what a finding was drawn from, if that is kept here."""
        table = tables.commitments
        row = self._connection.execute(table.select().where(table.c.id == finding)).first()
        return None if row is None else Sources(tuple(orjson.loads(row.addresses)), row.salt)

    def keep_sources(self, finding: str, sources: Sources) -> None:
        """Keep what a finding was drawn from."""
        row = {
            "id": finding, "addresses": orjson.dumps(sources.addresses).decode(), "salt": sources.salt,
            "commitment": sources.commitment,
        }  # fmt: skip
        self._upsert(tables.commitments, ["id"], [row])

    def forget(self, address: Address) -> None:
        """Delete a record that was never spoken of."""
        forget_grid(self._connection, address)
        table = tables.records
        self._connection.execute(table.delete().where(table.c.kind == address[0], table.c.id == address[1]))

    def append(self, statements: Sequence[Statement]) -> None:
        """Append to the chain and to the outbox; the first must follow the chain's head."""
        if not statements:
            return
        if statements[0].sequence != self.chain.sequence + 1:
            raise ValueError(f"sequence {statements[0].sequence} does not follow {self.chain.sequence}")
        last = statements[-1]
        self._connection.execute(tables.statements.insert(), [each._asdict() for each in statements])
        self._connection.execute(
            tables.outbox.insert(), [{"sequence": each.sequence, "since": each.time} for each in statements]
        )
        self._connection.execute(tables.chain.update().values(sequence=last.sequence, head=last.hash))
        self.chain = self.chain._replace(sequence=last.sequence, head=last.hash)

    def join(self, network: str, head: bytes, admission: bytes) -> None:
        """Begin the chain in a network: `head` is the hash of the statement that admitted the organization."""
        self.chain = self.chain._replace(network=network, sequence=0, head=head, admission=admission)
        values = {"network": network, "sequence": 0, "head": head, "admission": admission}
        self._connection.execute(tables.chain.update().values(values))

    def renew_admission(self, admission: bytes) -> None:
        """Keep a newer admission to the same network, such as one with another address of the bus."""
        self._connection.execute(tables.chain.update().values(admission=admission))

    def wait_for_join(self, changes: Sequence[Pending]) -> None:
        """Keep changes, in order, until the node has joined."""
        if changes:
            self._connection.execute(tables.pending.insert(), [each._asdict() for each in changes])

    def take_pending(self, limit: int) -> list[Pending]:
        """Take the first changes that waited for the join out of their queue."""
        table = tables.pending
        rows = self._connection.execute(table.select().order_by(table.c.number).limit(limit)).all()
        if rows:
            self._connection.execute(table.delete().where(table.c.number <= rows[-1].number))
        return [Pending(row.kind, row.id, row.action, row.marking, row.content) for row in rows]

    def in_use(self) -> InUse:
        """Tell which keys speak in this transaction."""
        return read_in_use(self._connection)

    def use(self, in_use: InUse) -> None:
        """Let other keys speak from this transaction on."""
        write_in_use(self._connection, in_use)

    def hub_says(self) -> tuple[int, str | None]:
        """Tell what the last receipt says: logged up to which sequence, and how the hub sees this node."""
        row = self._connection.execute(tables.relay.select()).one()
        return row.logged, row.hub_state

    def refused_for(self, sequence: int) -> str | None:
        """Tell why the hub refused the statement at this sequence; None if it did not."""
        table = tables.judgements
        query = select(table.c.reason).where(table.c.sequence == sequence, table.c.severity == "error")
        return self._connection.execute(query).scalar()

    def has_sent(self, sequence: int) -> bool:
        """Whether the bus was handed the statement at this sequence, or a later one."""
        return bool(self._connection.execute(select(tables.relay.c.sent)).scalar_one() >= sequence)

    def last_token(self) -> bytes | None:
        """Give the newest statement's token; None before the first."""
        table = tables.statements
        return self._connection.execute(
            select(table.c.token).where(table.c.sequence == self.chain.sequence)
        ).scalar()  # fmt: skip

    def sealed_with(self, sequence: int) -> str | None:
        """Tell the thumbprint of the key that sealed the statement at this sequence."""
        table = tables.statements
        token = self._connection.execute(select(table.c.token).where(table.c.sequence == sequence)).scalar()
        return None if token is None else jws.take_apart(token, jws.EVENT).kid

    def take_back(self, sequence: int, begin: bytes) -> list[Statement]:
        """Take what was sealed after this sequence out of the chain, to be sealed anew; `begin`: its first head.

        Only for what the hub has refused for good, or cannot log any more.
        """
        table, kept = tables.statements, tables.judgements
        rows = self._connection.execute(table.select().where(table.c.sequence > sequence).order_by(table.c.sequence))
        taken = [Statement(*row[:9]) for row in rows]
        head = self._connection.execute(select(table.c.hash).where(table.c.sequence == sequence)).scalar() or begin
        for each in (table, tables.outbox):
            self._connection.execute(each.delete().where(each.c.sequence > sequence))
        self._connection.execute(kept.delete().where(kept.c.sequence > sequence))
        forget_reached(self._connection, sequence)
        self._connection.execute(tables.chain.update().values(sequence=sequence, head=head))
        self.chain = self.chain._replace(sequence=sequence, head=head)
        return taken

    def move_records(self, after: int, by: int) -> None:
        """Let whatever names an event that was sealed after `after` name it at its new place: records and erasures."""
        if not by:
            return
        for table in (tables.records, tables.obeyed, grid):
            later = table.c.sequence > after
            self._connection.execute(table.update().where(later).values(sequence=table.c.sequence + by))
        # One by one, the last first: two orders must not stand at one place even for a moment.
        orders = tables.erasures
        query = select(orders.c.sequence).where(orders.c.sequence > after).order_by(orders.c.sequence.desc())
        for sequence in self._connection.scalars(query).all():
            moved = orders.update().where(orders.c.sequence == sequence)
            self._connection.execute(moved.values(sequence=sequence + by))

    def sound_alarm(self, alarm: str, text: str) -> None:
        """Say that nothing may be signed any more, and why."""
        self._connection.execute(tables.chain.update().values(alarm=alarm, alarm_text=text))
        self.chain = self.chain._replace(alarm=alarm, alarm_text=text)

    def note_replayed(self, source: str, row: int) -> None:
        """Say how far a file of changes has come."""
        self._upsert(tables.replays, ["source"], [{"source": source, "row": row}])

    def _upsert(self, table: Table, key: list[str], rows: list[dict[str, Any]]) -> None:
        if not rows:
            return
        insert = sqlite.insert if is_sqlite(self._connection) else postgresql.insert
        statement = insert(table)
        changed = {name: statement.excluded[name] for name in rows[0] if name not in key}
        self._connection.execute(statement.on_conflict_do_update(index_elements=key, set_=changed), rows)


def as_kept(row: Any) -> Kept:
    """Read a row of `records`."""
    recipients = tuple(orjson.loads(row.recipients)) if row.recipients else ()
    return Kept(
        row.kind, row.id, row.marking, row.record, row.state, row.spoken, row.sequence, row.changed, row.source,
        recipients, row.review_due,
    )  # fmt: skip


def due_of(kind: str, content: bytes, time: str, *, confirmed: bool = False) -> str | None:
    """Give the day of the next review of a current record, by the time and sort of its last event."""
    due = review_due(kind, orjson.loads(content), date.fromisoformat(time[:10]), confirmed=confirmed)
    return None if due is None else due.isoformat()
