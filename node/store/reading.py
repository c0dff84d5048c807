"""What people and programs ask of the node: records, their progress, and how everything stands."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from datetime import date
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Connection, Engine, Row, Select, func, or_, select

from node import tables
from node.commitments import Sources
from node.store.delivery_times import Times, times_of
from node.store.keys import InUse, read_in_use
from node.store.opening import NoDatabase
from node.store.outbox import Judged
from node.store.writing import Address, Chain, Kept, as_kept
from schemas.freshness import NOTICE
from wire.database import reading

CURRENT, WITHDRAWN, LOCAL, ERASED = "current", "withdrawn", "local", "erased"


class Stood(NamedTuple):
    """A record with its last event.

    `time` and `hash` are None until it is sealed, `place` (its log index) until this node has read it there,
    `promised` until a receipt has told its index. `times` are those of the last event.
    """

    number: int
    kept: Kept
    time: str | None
    hash: bytes | None
    place: int | None
    sent: bool
    logged: bool
    witnessed: bool
    judged: Judged | None
    promised: int | None = None
    times: Times = Times()


class Said(NamedTuple):
    """One sealed event about a record: `body` is None once erased, `place` (log index) until it was read there."""

    sequence: int
    kind: str
    action: str
    marking: str
    time: str
    body: bytes | None
    place: int | None
    times: Times = Times()


class Page(NamedTuple):
    """Some records in their order; `next` is the cursor of what follows, None at the end."""

    items: list[Stood]
    next: int | None


class Counts(NamedTuple):
    """How many records there are, how many events are sealed and wait, and since when the oldest of them does.

    `left_out` are logged events that the hub does not show, `left_out_witnessed` those of them that a quorum covers.
    """

    current: int
    withdrawn: int
    local: int
    pending: int
    outbox: int
    oldest: str | None
    left_out: int
    left_out_witnessed: int
    erased: int = 0


class Reading:
    """Never waits for a writer."""

    def __init__(self, engine: Engine) -> None:
        self._engine = reading(engine)

    def chain(self) -> Chain:
        """Where the chain stands; NoDatabase if there is none."""
        with self._engine.connect() as connection:
            row = connection.execute(tables.chain.select()).first()
        if row is None:
            raise NoDatabase(
                "the database holds no node: it was emptied, or is another one than this node began with. Correct "
                "database in node.toml, or restore a backup; docs/operations.md says how"
            )
        return Chain(row.organization, row.network, row.sequence, row.head, row.admission, row.alarm, row.alarm_text)

    def in_use(self) -> InUse:
        """Which keys speak."""
        with self._engine.connect() as connection:
            return read_in_use(connection)

    def page(
        self, kinds: Sequence[str] = (), states: Sequence[str] = (CURRENT, LOCAL), after: int = 0, limit: int = 100
    ) -> Page:
        """Give records in the order in which they first came here."""
        table = tables.records
        query = _stood().where(table.c.number > after, table.c.state.in_(states))
        if kinds:
            query = query.where(table.c.kind.in_(kinds))
        with self._engine.connect() as connection:
            items = _with_times(connection, query.order_by(table.c.number).limit(limit + 1))
        return Page(items[:limit], items[limit - 1].number if len(items) > limit else None)

    def record(self, kind: str, record_id: str) -> Stood | None:
        """Give one record, withdrawn or not."""
        table = tables.records
        with self._engine.connect() as connection:
            found = _with_times(connection, _stood().where(table.c.kind == kind, table.c.id == record_id))
        return found[0] if found else None

    def sources(self, finding: str) -> Sources | None:
        """Give what a finding was drawn from, if that is kept here."""
        table = tables.commitments
        with self._engine.connect() as connection:
            row = connection.execute(table.select().where(table.c.id == finding)).first()
        return None if row is None else Sources(tuple(orjson.loads(row.addresses)), row.salt)

    def said(self, kind: str, record_id: str) -> list[tuple[str, bytes | None]]:
        """Give marking and body of every event about a record, in their order."""
        table = tables.statements
        query = select(table.c.marking, table.c.body).where(table.c.kind == kind, table.c.id == record_id)
        with self._engine.connect() as connection:
            return [(marking, body) for marking, body in connection.execute(query.order_by(table.c.sequence))]

    def history(self, kind: str, record_id: str, limit: int = 500) -> list[Said]:
        """Give what was said about a record, in its order."""
        table = tables.statements.c
        query = (
            select(table.sequence, table.kind, table.action, table.marking, table.time, table.body, table.index)
            .where(table.kind == kind, table.id == record_id)
            .order_by(table.sequence)
        )
        with self._engine.connect() as connection:
            said = [Said(*row) for row in connection.execute(query.limit(limit))]
            times = times_of(connection, (each.sequence for each in said))
        return [each._replace(times=times[each.sequence]) for each in said]

    def current(self, kind: str) -> dict[Address, Kept]:
        """Give all records of a kind that have not ended, for an import to compare with."""
        table = tables.records
        query = table.select().where(table.c.kind == kind, table.c.state.in_((CURRENT, LOCAL))).order_by(table.c.number)
        with self._engine.connect() as connection:
            return {(kind, row.id): as_kept(row) for row in connection.execute(query)}

    def imported(self, source: str) -> AbstractSet[Address]:
        """Give the addresses of the records that imports of this source made."""
        table = tables.records
        with self._engine.connect() as connection:
            rows = connection.execute(select(table.c.kind, table.c.id).where(table.c.source == source))
            return {(row.kind, row.id) for row in rows}

    def replayed(self, source: str) -> int:
        """Tell up to which row a file of changes was replayed; 0 for none."""
        table = tables.replays
        with self._engine.connect() as connection:
            return connection.execute(select(table.c.row).where(table.c.source == source)).scalar() or 0

    def counts(self) -> Counts:
        """Count everything."""
        table = tables.records
        with self._engine.connect() as connection:
            by_state = select(table.c.state, func.count()).group_by(table.c.state)
            states = {row[0]: row[1] for row in connection.execute(by_state)}
            pending = connection.execute(select(func.count()).select_from(tables.pending)).scalar_one()
            waiting = connection.execute(select(func.count(), func.min(tables.outbox.c.since))).one()
            judged, relay = tables.judgements, tables.relay
            warned = select(func.count()).select_from(judged.join(relay, relay.c.one == 1))
            warned = warned.where(judged.c.severity == "warning", judged.c.sequence <= relay.c.logged)
            left_out = connection.execute(warned).scalar_one()
            covered = connection.execute(warned.where(judged.c.sequence <= relay.c.witnessed)).scalar_one()
        return Counts(
            states.get(CURRENT, 0),
            states.get(WITHDRAWN, 0),
            states.get(LOCAL, 0),
            pending,
            waiting[0],
            waiting[1],
            left_out,
            covered,
            states.get(ERASED, 0),
        )

    def judged(self, limit: int) -> list[Stood]:
        """Give the records whose last event the hub refused or left out, the newest first."""
        table = tables.records
        refused = table.c.sequence.in_(select(tables.judgements.c.sequence))
        return self._some(_stood().where(refused).order_by(table.c.sequence.desc()), limit)

    def stale(self, today: date, limit: int) -> list[Stood]:
        """Give the records that are to be confirmed now or soon, the most overdue first."""
        table = tables.records
        soon = (today + NOTICE).isoformat()
        due = _stood().where(table.c.review_due <= soon, table.c.state == CURRENT)
        return self._some(due.order_by(table.c.review_due, table.c.number), limit)

    def newest(self, limit: int) -> list[Stood]:
        """Give the records about which something was said last."""
        table = tables.records
        said = _stood().where(table.c.sequence.is_not(None), table.c.state == CURRENT)
        return self._some(said.order_by(table.c.sequence.desc()), limit)

    def _some(self, query: Select[Any], limit: int) -> list[Stood]:
        with self._engine.connect() as connection:
            return _with_times(connection, query.limit(limit))

    def judgements(self, limit: int = 50) -> list[Judged]:
        """Give what the hub refused or left out, the newest first."""
        table = tables.judgements
        with self._engine.connect() as connection:
            rows = connection.execute(table.select().order_by(table.c.sequence.desc()).limit(limit)).all()
        return [Judged(*row) for row in rows]


def _stood() -> Select[Any]:
    kept, said, judged, relay = tables.records, tables.statements, tables.judgements, tables.relay
    return (
        select(
            *kept.c,
            said.c.time,
            said.c.hash,
            said.c.index.label("place"),
            said.c.promised,
            or_(said.c.sequence <= relay.c.sent, said.c.sequence <= relay.c.logged).label("sent"),
            (said.c.sequence <= relay.c.logged).label("logged"),
            (said.c.sequence <= relay.c.witnessed).label("witnessed"),
            *(column.label(f"judged_{column.name}") for column in judged.c),
        )
        .select_from(kept)
        .join(relay, relay.c.one == 1)
        .outerjoin(said, said.c.sequence == kept.c.sequence)
        .outerjoin(judged, judged.c.sequence == kept.c.sequence)
    )


def _with_times(connection: Connection, query: Select[Any]) -> list[Stood]:
    found = [_as_stood(row) for row in connection.execute(query)]
    times = times_of(connection, (each.kept.sequence for each in found))
    return [each._replace(times=times.get(each.kept.sequence or 0, Times())) for each in found]


def _as_stood(row: Row[Any]) -> Stood:
    kept = as_kept(row)
    names = (f"judged_{name}" for name in Judged._fields)
    judged = None if row.judged_sequence is None else Judged(*(getattr(row, name) for name in names))
    steps = (bool(row.sent), bool(row.logged), bool(row.witnessed))
    return Stood(row.number, kept, row.time, row.hash, row.place, *steps, judged, row.promised)
