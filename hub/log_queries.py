"""What the log explorer asks of the log: entries by place, organization, key and day, newest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, or_, select

from hub import tables
from hub.addresses import has_address
from hub.body_tags import has_hash
from schemas.statement import Statement, parse_statement
from wire import jws
from wire.encoding import from_b64url
from wire.registry import Registry

_L, _O, _X, _B = tables.log.c, tables.organizations.c, tables.exclusions.c, tables.bodies.c


class Span(NamedTuple):
    """Log indices from `start` on, and before `end` if there is one."""

    start: int
    end: int | None


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the log; `excluded` is the reason why it was left out of the view, if it was."""

    index: int
    organization: str
    kind: str
    marking: str
    sequence: int
    hash: bytes
    token: bytes
    excluded: str | None

    @property
    def statement(self) -> Statement:
        """Give what was signed."""
        return parse_statement(jws.take_apart(self.token, jws.EVENT).payload)

    @property
    def key(self) -> str:
        """Give the thumbprint of the key that signed it."""
        return jws.take_apart(self.token, jws.EVENT).kid


def list_entries(
    connection: Connection, organization: str | None, spans: Sequence[Span], before: int | None, limit: int
) -> list[Entry]:
    """Give up to `limit` entries before an index, newest first; without spans those of the whole log."""
    conditions: list[ColumnElement[bool]] = []
    if organization is not None:
        conditions.append(_O.organization == organization)
    if before is not None:
        conditions.append(_L.index < before)
    if spans:
        conditions.append(or_(*(_L.index.between(start, (end or 2**53) - 1) for start, end in spans)))
    query = _entries().where(*conditions).order_by(_L.index.desc()).limit(limit)
    return [_entry(row) for row in connection.execute(query)]


def entry_at(connection: Connection, index: int) -> Entry | None:
    """Give the entry at an index."""
    return _one(connection, _L.index == index)


def entry_of(connection: Connection, organization: str, sequence: int) -> Entry | None:
    """Give the entry with an organization's statement of this number."""
    return _one(connection, _O.organization == organization, _L.sequence == sequence)


def entry_of_record(connection: Connection, address: tuple[str, str, str], markings: Sequence[str]) -> Entry | None:
    """Give the entry with a record's current statement, if the record may be seen."""
    return _one(connection, has_address(*address), tables.records.c.marking.in_(markings), joined=True)


def entry_of_body(connection: Connection, datahash: bytes) -> Entry | None:
    """Give the first entry whose body has this SHA-256, so far as its body is here."""
    query = _entries().join(tables.bodies, _B.index == _L.index).where(has_hash(connection, datahash))
    found = (_entry(row) for row in connection.execute(query.order_by(_L.index)))
    return next((each for each in found if from_b64url(each.statement.datahash, size=32) == datahash), None)


def key_spans(registry: Registry, kid: str) -> tuple[str, list[Span]] | None:
    """Give whose key this is, and at which indices it is valid; None for a key that nobody registered."""
    for member in registry.members.values():
        spans = [Span(each.start, each.end) for each in member.keys if each.key.thumbprint == kid]
        if spans:
            return member.organization, spans
    return None


def day_span(connection: Connection, day: str) -> Span | None:
    """Give the entries of a day (ISO, UTC) by the hub's clock as its checkpoints tell it; None if it has none.

    An entry counts from the first checkpoint that covers it.
    """
    kept = tables.checkpoints.c
    before = select(kept.size).where(kept.at < day).order_by(kept.size.desc()).limit(1)
    upto = select(kept.size).where(kept.at >= day, kept.at < f"{day}U").order_by(kept.size.desc()).limit(1)
    start, end = connection.scalar(before) or 0, connection.scalar(upto)
    return None if end is None or end <= start else Span(start, end)


def _one(connection: Connection, *conditions: ColumnElement[bool], joined: bool = False) -> Entry | None:
    query = _entries()
    if joined:
        query = query.join(tables.records, tables.records.c.index == _L.index)
    row = connection.execute(query.where(*conditions).limit(1)).first()
    return None if row is None else _entry(row)


def _entries() -> Select[Any]:
    return (
        select(_L.index, _O.organization, _L.kind, _L.marking, _L.sequence, _L.hash, _L.token, _X.reason)
        .join(tables.organizations, _O.org == _L.org)
        .outerjoin(tables.exclusions, _X.index == _L.index)
    )


def _entry(row: Any) -> Entry:
    index, organization, kind, marking, sequence, digest, token, reason = row
    return Entry(index, organization, kind, marking, sequence, bytes(digest), bytes(token), reason)
