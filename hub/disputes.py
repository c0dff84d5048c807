"""Disputes in the view: what a revoked key said last of a record goes out of it, until the owner says it again."""

from sqlalchemy import Connection, delete, select, update

from hub import tables
from wire import jws
from wire.disputes import disputes
from wire.registry import Revocation

_AT_ONCE = 400


def dispute(connection: Connection, org: int, revocation: Revocation) -> int:
    """Mark the records of the organization with number `org` whose current statement is disputed; gives how many."""
    records, log = tables.records, tables.log
    query = (
        select(records.c.record, log.c.token, log.c.sequence, log.c.index)
        .join(log, log.c.index == records.c.index)
        .where(records.c.org == org, log.c.sequence > revocation.last_good_sequence, log.c.index < revocation.index)
    )
    numbers = [
        number
        for number, token, sequence, index in connection.execute(query)
        if disputes(revocation, jws.take_apart(bytes(token), jws.EVENT).kid, sequence, index)
    ]
    for place in range(0, len(numbers), _AT_ONCE):
        some = numbers[place : place + _AT_ONCE]
        connection.execute(update(records).where(records.c.record.in_(some)).values(disputed=True))
        connection.execute(delete(tables.coverage).where(tables.coverage.c.record.in_(some)))
    return len(numbers)
