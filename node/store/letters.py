"""What others have said to this organization, in the node's database: what is to be asked for, and what was read."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Connection, Engine, and_, delete, func, insert, select, update

from node import tables
from node.store.members import write_members
from node.store.note import Note, no_note
from schemas.problems import Problem
from wire import jws
from wire.database import reading
from wire.registry import Member

MAX_COUNTED = 99  # unread letters; more are told as more


@dataclass(frozen=True, slots=True)
class Letter:
    """One event of another organization to this one, at its log index.

    `body` is what was decrypted; None where it could not be, or is erased. `reason` says why it is not valid, if so.
    `superseded` is the log index of a later event about the same record, None if there is none. `read_at` and
    `read_by` say when a person of this organization first opened it, and who; None while nobody has.
    """

    index: int
    org: str
    kind: str
    id: str
    action: str
    marking: str
    time: str
    statement: bytes
    datahash: bytes
    body: bytes | None
    readers: tuple[str, ...]
    reason: str | None
    problems: tuple[Problem, ...]
    superseded: int | None = None
    read_at: str | None = None
    read_by: str | None = None

    @property
    def unread(self) -> bool:
        """Whether it stands, and nobody has opened it yet."""
        return self.read_at is None and self.superseded is None

    @property
    def record(self) -> dict[str, Any] | None:
        """The record, where there is one: a withdrawal has a reason instead, and what is not valid is not shown."""
        value = self._member("record")
        return value if isinstance(value, dict) else None

    @property
    def withdrawal(self) -> str | None:
        """Why the record ended."""
        value = self._member("reason")
        return value if isinstance(value, str) else None

    def _member(self, name: str) -> Any:
        return None if self.body is None or self.reason is not None else orjson.loads(self.body).get(name)


class Address(NamedTuple):
    """A record of another organization."""

    org: str
    kind: str
    id: str


class Letters:
    """Written by whoever reads the log and by whoever asks the hub; commands read."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._reading = reading(engine)

    def note(
        self, members: Iterable[Member], found: Sequence[tuple[int, bytes]],
        superseding: Sequence[tuple[Address, int]] = (), excluded: Sequence[int] = (),
    ) -> None:  # fmt: skip
        """Write what a batch of log entries has brought; the same batch again changes nothing.

        `found` are (index, token) of what may be for us, `superseding` later events about what is in the inbox,
        `excluded` the indices of events that the hub has left out: they are not asked for, and supersede nothing.
        """
        queue = tables.inbox_queue
        with self._engine.begin() as connection:
            write_members(connection, members)
            known = set(connection.scalars(select(queue.c.index).where(queue.c.index.in_([i for i, _ in found]))))
            read = select(tables.inbox.c.index).where(tables.inbox.c.index.in_([i for i, _ in found]))
            known |= set(connection.scalars(read))
            new = [{"index": index, "token": token} for index, token in found if index not in known]
            if new:
                connection.execute(insert(queue), new)
            for address, index in superseding:
                connection.execute(_superseded(address, index))
            if excluded:
                box = tables.inbox
                connection.execute(delete(queue).where(queue.c.index.in_(excluded)))
                connection.execute(update(box).where(box.c.superseded.in_(excluded)).values(superseded=None))

    def addresses(self) -> set[Address]:
        """Give the records of others about which something is in the inbox."""
        table = tables.inbox
        with self._reading.connect() as connection:
            rows = connection.execute(select(table.c.org, table.c.kind, table.c.id).distinct())
            return {Address(*row) for row in rows}

    def waiting(self, after: int, limit: int) -> list[tuple[int, bytes]]:
        """Give (index, token) of what is to be asked for, in the order of the log."""
        queue = tables.inbox_queue
        query = select(queue.c.index, queue.c.token).where(queue.c.index > after).order_by(queue.c.index).limit(limit)
        with self._reading.connect() as connection:
            return [(index, token) for index, token in connection.execute(query)]

    def keep(self, letter: Letter, *, asked: bool = False) -> None:
        """Put a letter into the inbox; what was said of the same record before is superseded.

        With `asked`, only as long as it is still waited for: it may have been erased meanwhile.
        """
        row = asdict(letter) | {
            "readers": orjson.dumps(letter.readers).decode(),
            "problems": orjson.dumps(letter.problems).decode(),
        }
        table, address = tables.inbox, Address(letter.org, letter.kind, letter.id)
        with self._engine.begin() as connection:
            queue = tables.inbox_queue
            waited = connection.execute(delete(queue).where(queue.c.index == letter.index)).rowcount
            if asked and not waited:
                return
            # The same statement, as it stood in a log before this one: who has read it there has read it.
            former = (table.c.statement == letter.statement, table.c.index < 0)
            known = connection.execute(select(table.c.read_at, table.c.read_by).where(*former)).first()
            row |= {} if known is None else known._asdict()
            connection.execute(delete(table).where(*former))
            later = select(func.min(table.c.index)).where(_about(address), table.c.index > letter.index)
            row["superseded"] = connection.scalar(later)
            connection.execute(insert(table), [row])
            connection.execute(_superseded(address, letter.index))

    def drop(self, index: int, address: Address) -> None:
        """Ask no more for what is not for us; what we have of the same record is superseded by it."""
        with self._engine.begin() as connection:
            connection.execute(delete(tables.inbox_queue).where(tables.inbox_queue.c.index == index))
            connection.execute(_superseded(address, index))

    def all(
        self, *, older: bool = False, unread: bool = False, after: int | None = None, limit: int = 500
    ) -> list[Letter]:
        """Give the newest letter about each record, in the order of the log; with `older`, all of them.

        With `unread`, those that stand and that nobody has opened.
        """
        table = tables.inbox
        query = _chosen(older=older, unread=unread).order_by(table.c.index)
        if after is not None:
            query = query.where(table.c.index > after)
        with self._reading.connect() as connection:
            return [_letter(row) for row in connection.execute(query.limit(limit))]

    def newest(
        self, *, older: bool = False, unread: bool = False, before: int | None = None, limit: int = 50
    ) -> list[Letter]:
        """Give letters as `all` does, the last first; `before`: an index."""
        table = tables.inbox
        query = _chosen(older=older, unread=unread).order_by(table.c.index.desc())
        if before is not None:
            query = query.where(table.c.index < before)
        with self._reading.connect() as connection:
            return [_letter(row) for row in connection.execute(query.limit(limit))]

    def unread(self) -> int:
        """Count what nobody has opened, up to `MAX_COUNTED` and one more."""
        some = select(tables.inbox.c.index).where(*_unread()).limit(MAX_COUNTED + 1).subquery()
        with self._reading.connect() as connection:
            return connection.scalar(select(func.count()).select_from(some)) or 0

    def opened(self, index: int, by: str, at: str, note: Note = no_note) -> bool:
        """Write who opened a letter first, and when; tells whether nobody had before."""
        table = tables.inbox
        first = update(table).where(table.c.index == index, table.c.read_at.is_(None))
        with self._engine.begin() as connection:
            is_first = bool(connection.execute(first.values(read_at=at, read_by=by[:200])).rowcount)
            if is_first:
                note(connection)
        return is_first

    def mark_unread(self, index: int, note: Note = no_note) -> None:
        """Let a letter be one that nobody has opened."""
        table = tables.inbox
        read = update(table).where(table.c.index == index, table.c.read_at.is_not(None))
        with self._engine.begin() as connection:
            if connection.execute(read.values(read_at=None, read_by=None)).rowcount:
                note(connection)

    def one(self, index: int) -> Letter | None:
        """Give the letter at a log index."""
        with self._reading.connect() as connection:
            row = connection.execute(tables.inbox.select().where(tables.inbox.c.index == index)).first()
        return None if row is None else _letter(row)

    def versions(self, address: Address, limit: int = 100) -> list[Letter]:
        """Give all letters about a record, the last first."""
        table = tables.inbox
        query = table.select().where(_about(address)).order_by(table.c.index.desc()).limit(limit)
        with self._reading.connect() as connection:
            return [_letter(row) for row in connection.execute(query)]

    def needs(self, limit: int = 500) -> list[Letter]:
        """Give the needs that stand, the last first: superseded, withdrawn and not valid ones are left out."""
        table = tables.inbox
        stands = (table.c.kind == "need", table.c.superseded.is_(None), table.c.reason.is_(None))
        query = table.select().where(*stands, table.c.action != "withdrawn", table.c.body.is_not(None))
        with self._reading.connect() as connection:
            return [_letter(row) for row in connection.execute(query.order_by(table.c.index.desc()).limit(limit))]


def _chosen(*, older: bool, unread: bool) -> Any:
    table = tables.inbox
    if unread:
        return table.select().where(*_unread())
    if older:
        return table.select()
    newest = select(func.max(table.c.index)).group_by(table.c.org, table.c.kind, table.c.id)
    return table.select().where(table.c.index.in_(newest))


def _unread() -> tuple[Any, ...]:
    return tables.inbox.c.read_at.is_(None), tables.inbox.c.superseded.is_(None)


def _about(address: Address) -> Any:
    table = tables.inbox
    return and_(table.c.org == address.org, table.c.kind == address.kind, table.c.id == address.id)


def _superseded(address: Address, index: int) -> Any:
    table = tables.inbox
    earlier = and_(_about(address), table.c.index < index, table.c.superseded.is_(None))
    return update(table).where(earlier).values(superseded=index)


def _letter(row: Any) -> Letter:
    values = dict(row._mapping)  # noqa: SLF001 - the documented way to a row's names; `index` is a method of tuples
    values["readers"] = tuple(orjson.loads(row.readers))
    values["problems"] = tuple(Problem(**problem) for problem in orjson.loads(row.problems))
    return Letter(**values)


class LetterCopies:
    """The inbox as a place where bodies of others are kept, which their authors may order to be erased."""

    def destroy(self, connection: Connection, organization: str, statements: Sequence[bytes]) -> int:
        """Destroy what this organization has said in these statements; tells how many, with those still awaited."""
        box, queue = tables.inbox, tables.inbox_queue
        named = frozenset(statements)
        # What waits to be asked for is not asked for any more, and what is on its way is not kept.
        waiting = connection.execute(select(queue.c.index, queue.c.token)).all()
        gone = [index for index, token in waiting if _hash(bytes(token)) in named]
        if gone:
            connection.execute(delete(queue).where(queue.c.index.in_(gone)))
        mine = (box.c.org == organization, box.c.statement.in_(list(named)), box.c.body.is_not(None))
        return len(gone) + connection.execute(update(box).where(*mine).values(body=None, problems="[]")).rowcount


def _hash(token: bytes) -> bytes:
    return hashlib.sha256(jws.take_apart(token, jws.EVENT).payload).digest()
