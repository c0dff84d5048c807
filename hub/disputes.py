"""Disputes in the view: what a revoked key said last of a record goes out of it, until the owner says it again."""

from collections.abc import Iterable

from sqlalchemy import ColumnElement, Connection, delete, select, update

from hub import tables
from hub.log_state import LogState
from wire import jws
from wire.disputes import disputes
from wire.registry import Revocation

_AT_ONCE = 400


def dispute(connection: Connection, org: int, revocation: Revocation, former: int = 0) -> int:
    """Mark the records of the organization with number `org` whose current statement is disputed; gives how many.

    Statements up to the sequence `former` were made in a log before this one.
    """
    records = tables.records
    numbers = _said_last(connection, records.c.index, org, revocation, former)
    for place in range(0, len(numbers), _AT_ONCE):
        some = numbers[place : place + _AT_ONCE]
        connection.execute(update(records).where(records.c.record.in_(some)).values(disputed=True))
        connection.execute(delete(tables.coverage).where(tables.coverage.c.record.in_(some)))
    # What its owner has withdrawn since shows no body that is disputed (hub/project.py does the same from then on).
    shown = _said_last(connection, records.c.body_index, org, revocation, former)
    ended = records.c.withdrawn.is_(True) & records.c.disputed.is_(False)
    for place in range(0, len(shown), _AT_ONCE):
        own = update(records).where(records.c.record.in_(shown[place : place + _AT_ONCE]), ended)
        connection.execute(own.values(body_index=records.c.index, title="", state=None))
    return len(numbers)


def _said_last(
    connection: Connection, at: ColumnElement[int], org: int, revocation: Revocation, former: int
) -> list[int]:
    """Give the records of which the statement logged at a column's index is disputed."""
    records, log = tables.records, tables.log
    query = (
        select(records.c.record, log.c.token, log.c.sequence, log.c.index)
        .join(log, log.c.index == at)
        .where(records.c.org == org, log.c.sequence > revocation.last_good_sequence)
        .where((log.c.index < revocation.index) | (log.c.sequence <= former))
    )
    return [
        number
        for number, token, sequence, index in connection.execute(query)
        if disputes(revocation, jws.take_apart(bytes(token), jws.EVENT).kid, sequence, index, former=sequence <= former)
    ]


def dispute_former(connection: Connection, state: LogState, organizations: Iterable[str]) -> None:
    """In a next log: mark what these have said again, and a key had signed that was revoked in the log before it."""
    registry = state.registry
    for name in organizations:
        member, end = registry.members.get(name), registry.ends.get(name)
        if member is not None and end is not None:
            for revocation in member.revoked:
                dispute(connection, state.speakers[name].number, revocation, end[0])
