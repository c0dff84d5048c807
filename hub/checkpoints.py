"""The checkpoints that the hub has signed, as its database keeps them: all with a quorum, and the newest without."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, delete, insert, select, update

from hub import tables
from wire.checkpoint import Checkpoint
from wire.notes import parse_note


class Signed(NamedTuple):
    """A checkpoint with the note that proves it; `quorum`: enough witnesses cosigned. `at` is the hub's clock."""

    size: int
    root: bytes
    note: bytes
    quorum: bool
    at: str


def cosigners(note: bytes) -> list[str]:
    """Name the organizations whose nodes have cosigned a checkpoint."""
    _, signatures = parse_note(note)
    mark = "/witness/"
    return sorted(each.name.rpartition(mark)[2] for each in signatures if mark in each.name)


def newest(connection: Connection, *, quorum: bool) -> Signed | None:
    """Give the newest checkpoint, or the newest that has a quorum."""
    table = tables.checkpoints
    query = select(table).order_by(table.c.size.desc()).limit(1)
    return _signed(connection, query.where(table.c.quorum.is_(True)) if quorum else query)


def of_size(connection: Connection, size: int) -> Signed | None:
    """Give the checkpoint of exactly this size."""
    return _signed(connection, select(tables.checkpoints).where(tables.checkpoints.c.size == size))


def first_covering(connection: Connection, size: int) -> Signed | None:
    """Give the first checkpoint with a quorum of at least this size."""
    table = tables.checkpoints
    query = select(table).where(table.c.size >= size, table.c.quorum.is_(True)).order_by(table.c.size).limit(1)
    return _signed(connection, query)


def listed(connection: Connection, after: int, limit: int) -> list[Signed]:
    """Give those with a quorum of more than `after` entries, smallest first."""
    table = tables.checkpoints
    query = select(table).where(table.c.size > after, table.c.quorum.is_(True)).order_by(table.c.size).limit(limit)
    return [Signed(row.size, bytes(row.root), bytes(row.note), row.quorum, row.at) for row in connection.execute(query)]


def newest_first(connection: Connection, before: int | None, limit: int) -> list[Signed]:
    """Give those that are kept of fewer than `before` entries, greatest first; the one without a quorum too."""
    table = tables.checkpoints
    query = select(table).order_by(table.c.size.desc()).limit(limit)
    query = query if before is None else query.where(table.c.size < before)
    return [Signed(row.size, bytes(row.root), bytes(row.note), row.quorum, row.at) for row in connection.execute(query)]


def keep(connection: Connection, checkpoint: Checkpoint, note: bytes, at: str, *, quorum: bool) -> None:
    """Keep a new checkpoint; those before it without a quorum, which nobody can use any more, are let go."""
    table = tables.checkpoints
    connection.execute(delete(table).where(table.c.quorum.is_(False)))
    connection.execute(delete(table).where(table.c.size == checkpoint.size))
    row = {"size": checkpoint.size, "root": checkpoint.root, "note": note, "quorum": quorum, "at": at}
    connection.execute(insert(table).values(row))


def complete(connection: Connection, notes: Sequence[tuple[Checkpoint, bytes, str]]) -> None:
    """Keep checkpoints that have a quorum with all cosignatures that have come."""
    table = tables.checkpoints
    for checkpoint, note, at in notes:
        changed = update(table).where(table.c.size == checkpoint.size).values(note=note, quorum=True)
        if not connection.execute(changed).rowcount:
            row = {"size": checkpoint.size, "root": checkpoint.root, "note": note, "quorum": True, "at": at}
            connection.execute(insert(table).values(row))


def _signed(connection: Connection, query: Select[Any]) -> Signed | None:
    row = connection.execute(query).first()
    return None if row is None else Signed(row.size, bytes(row.root), bytes(row.note), row.quorum, row.at)
