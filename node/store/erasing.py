"""What erasing reads and writes: bodies of this organization that are destroyed here, orders, and who has obeyed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Engine, delete, func, insert, select, update

from node import tables
from node.store.draft_tables import drafts
from node.store.grid_rows import forget_grid
from node.store.writing import Address, Writing
from wire.database import reading

_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Ordered:
    """An order of this organization; `index` and `missing` are None as long as the hub has not told them."""

    sequence: int
    hash: bytes
    kind: str
    id: str
    statements: int
    reason: str
    at: str
    index: int | None
    confirmed: list[dict[str, Any]]
    missing: list[str] | None
    asked: str | None


class Erasing:
    """Works inside the open transaction of a Writing."""

    def __init__(self, writing: Writing) -> None:
        self._connection = writing.connection

    def held(self, address: Address) -> list[tuple[int, bytes]]:
        """Give sequence and hash of the statements about a record whose bodies are still here."""
        said = tables.statements.c
        query = select(said.sequence, said.hash).where(said.kind == address[0], said.id == address[1])
        rows = self._connection.execute(query.where(said.body.is_not(None)).order_by(said.sequence))
        return [(sequence, bytes(digest)) for sequence, digest in rows]

    def said_about(self, address: Address) -> bool:
        """Whether any statement about a record was ever sealed."""
        said = tables.statements.c
        query = (
            select(func.count()).select_from(tables.statements).where(said.kind == address[0], said.id == address[1])
        )
        return bool(self._connection.scalar(query))

    def destroy(self, address: Address, sequences: Sequence[int]) -> None:
        """Destroy these bodies, what waits for the join, and the record's content; its row stays as erased."""
        self.destroy_bodies(sequences)
        self.forget_waiting(address)
        table = tables.records
        mine = (table.c.kind == address[0], table.c.id == address[1])
        # An import no longer knows it: it must neither withdraw it nor bring it back unseen.
        emptied = {"record": b"{}", "state": "erased", "source": None, "recipients": None, "review_due": None}
        self._connection.execute(update(table).where(*mine).values(emptied))
        forget_grid(self._connection, address)
        self._forget_sources(address)
        self._forget_drafts(address)

    def destroy_bodies(self, sequences: Sequence[int]) -> int:
        """Destroy these bodies and what the hub said of them, which may quote them; tells how many were there."""
        said, judged = tables.statements, tables.judgements
        number = 0
        for place in range(0, len(sequences), _CHUNK):
            part = sequences[place : place + _CHUNK]
            held = (said.c.sequence.in_(part), said.c.body.is_not(None))
            number += self._connection.execute(update(said).where(*held).values(body=None)).rowcount
            self._connection.execute(delete(judged).where(judged.c.sequence.in_(part)))
        return number

    def forget(self, address: Address) -> None:
        """Forget a record of which nothing was ever sealed."""
        forget_grid(self._connection, address)
        self.forget_waiting(address)
        self._forget_sources(address)
        self._forget_drafts(address)
        table = tables.records
        self._connection.execute(delete(table).where(table.c.kind == address[0], table.c.id == address[1]))

    def _forget_drafts(self, address: Address) -> None:
        """Forget what people had begun to change in it: it holds what is erased."""
        self._connection.execute(delete(drafts).where(drafts.c.kind == address[0], drafts.c.id == address[1]))

    def _forget_sources(self, address: Address) -> None:
        """Forget what a finding was drawn from."""
        if address[0] == "finding":
            table = tables.commitments
            self._connection.execute(delete(table).where(table.c.id == address[1]))

    def forget_waiting(self, address: Address) -> None:
        """Forget the changes of a record that wait for the join."""
        table = tables.pending
        self._connection.execute(delete(table).where(table.c.kind == address[0], table.c.id == address[1]))

    def note_order(self, sequence: int, address: Address, statements: int, reason: str) -> None:
        """Remember an order that was sealed at `sequence`."""
        kind, record_id = address
        row = {"sequence": sequence, "kind": kind, "id": record_id, "statements": statements, "reason": reason}
        self._connection.execute(insert(tables.erasures).values(**row, confirmed="[]"))

    def own_among(self, hashes: Iterable[bytes]) -> dict[Address, list[int]]:
        """Give this organization's statements of these hashes, by record."""
        said = tables.statements.c
        found: dict[Address, list[int]] = {}
        listed = list(hashes)
        for place in range(0, len(listed), _CHUNK):
            query = select(said.kind, said.id, said.sequence).where(said.hash.in_(listed[place : place + _CHUNK]))
            for kind, record_id, sequence in self._connection.execute(query):
                found.setdefault((kind, record_id), []).append(sequence)
        return found

    def shows(self, address: Address) -> int | None:
        """Give the sequence of the statement whose record is kept here; None where that is erased or only local."""
        said, table = tables.statements.c, tables.records.c
        state = select(table.state).where(table.kind == address[0], table.id == address[1])
        if self._connection.scalar(state) not in ("current", "withdrawn"):
            return None
        last = select(func.max(said.sequence)).where(said.kind == address[0], said.id == address[1])
        sequence: int | None = self._connection.scalar(last.where(said.action != "withdrawn"))
        return sequence

    def note_obeyed(self, index: int, digest: bytes) -> None:
        """Remember that an order of another organization was obeyed; its confirmation is owed."""
        table = tables.obeyed
        if self._connection.scalar(select(table.c.index).where(table.c.index == index)) is None:
            self._connection.execute(insert(table).values(index=index, hash=digest))

    def owed(self) -> list[tuple[int, bytes]]:
        """Give index and hash of the orders that were obeyed, and not yet confirmed."""
        table = tables.obeyed.c
        rows = self._connection.execute(select(table.index, table.hash).where(table.sequence.is_(None)))
        return [(index, bytes(digest)) for index, digest in rows]

    def note_confirmed(self, index: int, sequence: int) -> None:
        """Remember the statement that confirms an order."""
        table = tables.obeyed
        self._connection.execute(update(table).where(table.c.index == index).values(sequence=sequence))


class Orders:
    """This organization's orders, and what the hub says of who has obeyed."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._reading = reading(engine)

    def listed(self) -> list[Ordered]:
        """Give all orders, the oldest first."""
        table, said = tables.erasures.c, tables.statements.c
        query = (
            select(
                table.sequence, said.hash, table.kind, table.id, table.statements, table.reason, said.time,
                func.coalesce(said.index, said.promised), table.confirmed, table.missing, table.asked,
            )
            .join(tables.statements, said.sequence == table.sequence)
            .order_by(table.sequence)
        )  # fmt: skip
        with self._reading.connect() as connection:
            return [_ordered(*row[:]) for row in connection.execute(query)]

    def note_answer(self, digest: bytes, confirmed: list[dict[str, Any]], missing: list[str], at: str) -> None:
        """Write what the hub says of the order with this statement hash."""
        table, said = tables.erasures, tables.statements.c
        values = {"confirmed": orjson.dumps(confirmed).decode(), "missing": orjson.dumps(missing).decode(), "asked": at}
        sequence = select(said.sequence).where(said.hash == digest).scalar_subquery()
        with self._engine.begin() as connection:
            connection.execute(update(table).where(table.c.sequence == sequence).values(values))


def _ordered(
    sequence: int, digest: bytes, kind: str, record_id: str, statements: int, reason: str, *rest: Any
) -> Ordered:
    time, index, confirmed, missing, asked = rest
    told = None if missing is None else orjson.loads(missing)
    said = orjson.loads(confirmed)
    return Ordered(sequence, bytes(digest), kind, record_id, statements, reason, time, index, said, told, asked)
