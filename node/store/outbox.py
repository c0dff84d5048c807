"""What the relay reads and writes: the outbox in order, how far the hub has come, what it judged."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, bindparam, delete, func, insert, select, update

from node import tables
from node.store.delivery_times import LOGGED, SENT, Span, forget_reached, note_reached
from node.store.writing import Writing
from wire.database import reading

_PROMISE = (
    update(tables.statements)
    .where(tables.statements.c.sequence == bindparam("own"), tables.statements.c.promised.is_(None))
    .values({"promised": bindparam("place")})
)


class Waiting(NamedTuple):
    """One event of the outbox; `body` is None once it is erased."""

    sequence: int
    kind: str
    hash: bytes
    token: bytes
    body: bytes | None
    action: str


class Listed(NamedTuple):
    """One event of the outbox for people to see: which record, what was done with it, since when it waits."""

    sequence: int
    kind: str
    id: str
    action: str
    since: str


class Relay(NamedTuple):
    """What the running node knows of bus and hub; times are RFC 3339, empty or None before the first."""

    bus: str
    bus_reason: str
    bus_since: str
    sent: int
    logged: int
    logged_index: int
    receipt_at: str | None
    received_at: str | None
    hub_state: str | None
    hub_reason: str | None
    trouble: str | None
    witnessed: int


class Judged(NamedTuple):
    """What the hub said of one event: an `error` is not in the log, a `warning` not in the view."""

    sequence: int
    severity: str
    reason: str
    found: str
    expected: str
    problems: str
    at: str


@dataclass(frozen=True, slots=True)
class Promise:
    """What a receipt says is in the log: our statements up to `sequence`, which is at `index`; -1 before the first."""

    sequence: int
    index: int
    receipt: bytes


class Outbox:
    """Not for the hand that edits: it only moves what is sealed already."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._reading = reading(engine)

    def after(self, sequence: int, limit: int, max_bytes: int) -> list[Waiting]:
        """Give what waits behind this sequence, in order: at most `limit` events and about `max_bytes` bytes."""
        said, queue = tables.statements, tables.outbox
        query = (
            select(said.c.sequence, said.c.kind, said.c.hash, said.c.token, said.c.body, said.c.action)
            .join(queue, queue.c.sequence == said.c.sequence)
            .where(queue.c.sequence > sequence)
            .order_by(queue.c.sequence)
            .limit(limit)
        )
        found: list[Waiting] = []
        size = 0
        with self._reading.connect() as connection:
            for row in connection.execute(query):
                event = Waiting(row.sequence, row.kind, row.hash, row.token, row.body, row.action)
                size += len(event.token) + len(event.body or b"") + 500
                if found and size > max_bytes:
                    break
                found.append(event)
        return found

    def listed(self, limit: int, after: int = 0) -> list[Listed]:
        """Give what waits, in its order, behind this sequence."""
        said, queue = tables.statements, tables.outbox
        query = (
            select(said.c.sequence, said.c.kind, said.c.id, said.c.action, queue.c.since)
            .join(queue, queue.c.sequence == said.c.sequence)
            .where(queue.c.sequence > after)
            .order_by(queue.c.sequence)
            .limit(limit)
        )
        with self._reading.connect() as connection:
            return [Listed(*row) for row in connection.execute(query)]

    def waiting(self) -> tuple[int, str | None]:
        """Give how many events wait, and since when the first of them does; without counting, for they have no gaps."""
        queue = tables.outbox
        query = select(queue.c.sequence, queue.c.since).limit(1)
        with self._reading.connect() as connection:
            first = connection.execute(query.order_by(queue.c.sequence)).first()
            last = connection.execute(query.order_by(queue.c.sequence.desc())).first()
        return (0, None) if first is None or last is None else (last.sequence - first.sequence + 1, first.since)

    def head(self) -> tuple[int, bytes]:
        """Give the last sealed sequence and its hash."""
        with self._reading.connect() as connection:
            row = connection.execute(select(tables.chain.c.sequence, tables.chain.c.head)).one()
        return row.sequence, row.head

    def hash_at(self, sequence: int) -> bytes | None:
        """Give the hash of our statement at this sequence, None if there is none."""
        said = tables.statements
        with self._reading.connect() as connection:
            return connection.execute(select(said.c.hash).where(said.c.sequence == sequence)).scalar()

    def alarmed(self) -> bool:
        """Whether nothing may be signed or sent any more."""
        with self._reading.connect() as connection:
            return connection.execute(select(tables.chain.c.alarm)).scalar() is not None

    def relay(self) -> Relay:
        """Give what is known of bus and hub."""
        with self._reading.connect() as connection:
            row = connection.execute(tables.relay.select()).one()
        return Relay(*row[1:])

    def note(self, **changed: Any) -> None:
        """Change some of what is known of bus and hub."""
        with self._engine.begin() as connection:
            connection.execute(update(tables.relay).values(changed))

    def sent(self, last: int, spans: Sequence[Span]) -> None:
        """Write how far the bus has come, and when it was handed what."""
        with self._engine.begin() as connection:
            connection.execute(update(tables.relay).values(sent=last))
            note_reached(connection, SENT, spans)

    def logged(
        self, promise: Promise, entries: Iterable[tuple[int, int]], judged: Sequence[Judged], noted: dict[str, Any],
        *, at: str | None = None, sent: Sequence[Span] = (),
    ) -> None:  # fmt: skip
        """Write what a receipt says: logged up to where, log indices, judgements, and how the hub sees us.

        It is the hub's word: the events stay in the outbox until the log itself proves it. `at` is when it came here,
        `sent` when the bus was handed what.
        """
        kept, position, sequence = tables.judgements, tables.log_position, promise.sequence
        places = [{"own": own, "place": place} for own, place in entries]
        with self._engine.begin() as connection:
            note_reached(connection, SENT, sent)
            _note_logged(connection, sequence, at)
            if places:
                connection.execute(_PROMISE, places)
            connection.execute(
                update(position)
                .where(position.c.promised < sequence)
                .values(promised=sequence, promised_index=promise.index, receipt=promise.receipt)
            )
            # What was refused once and is in the log now is refused no more.
            connection.execute(delete(kept).where(kept.c.severity == "error", kept.c.sequence <= sequence))
            judged = _still_held(connection, judged)
            if judged:
                connection.execute(delete(kept).where(kept.c.sequence.in_([each.sequence for each in judged])))
                connection.execute(insert(kept), [each._asdict() for each in judged])
            connection.execute(update(tables.relay).values(noted))

    def reopen(self, sequence: int) -> int:
        """Put everything from this sequence on back into the outbox: the hub has lost it. Tells how many."""
        said, queue = tables.statements, tables.outbox
        missing = select(said.c.sequence, said.c.time).where(
            said.c.sequence >= sequence, said.c.sequence.not_in(select(queue.c.sequence))
        )
        with self._engine.begin() as connection:
            number = connection.execute(select(func.count()).select_from(missing.subquery())).scalar_one()
            connection.execute(insert(queue).from_select(["sequence", "since"], missing))
        return number

    def sound_alarm(self, alarm: str, text: str) -> None:
        """Say that nothing may be signed or sent any more, and why."""
        with Writing.begin(self._engine) as writing:
            writing.sound_alarm(alarm, text)


def _note_logged(connection: Connection, sequence: int, at: str | None) -> None:
    before = connection.execute(select(tables.relay.c.logged)).scalar_one()
    if sequence < before:
        forget_reached(connection, sequence, (LOGGED,))
    elif at is not None:
        note_reached(connection, LOGGED, [Span(before + 1, sequence, at)])


def _still_held(connection: Connection, judged: Sequence[Judged]) -> list[Judged]:
    """Leave out what was erased here: what the hub said of it may quote it, and there is nothing to correct."""
    said = tables.statements.c
    numbers = [each.sequence for each in judged]
    gone = set(connection.scalars(select(said.sequence).where(said.sequence.in_(numbers), said.body.is_(None))))
    return [each for each in judged if each.sequence not in gone]
