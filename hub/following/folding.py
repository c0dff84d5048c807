"""Single records folded anew from the log: after a body that came late, or an exclusion that was stated late."""

from collections.abc import Sequence

import orjson
from sqlalchemy import Connection, delete, select, update

from hub import search, tables
from hub.disputes import dispute
from hub.entries import ExclusionStated
from hub.history import log_of
from hub.rebuild import entry_of
from hub.store import Store
from schemas.problems import Problem
from wire.examine import Exclusion
from wire.reasons import Reason
from wire.registry import Registry


def records_of(connection: Connection, indices: Sequence[int]) -> list[int]:
    """Give the records that these entries are about."""
    log = tables.log.c
    query = select(log.record).where(log.index.in_(list(indices)), log.record.is_not(None)).distinct()
    return list(connection.scalars(query))


def fold_again(connection: Connection, store: Store, registry: Registry, numbers: Sequence[int]) -> None:
    """Fold these records as a rebuild would; what is said of them in the log, bodies and exclusions, is in the tables.

    One whose only statements are left out by now is in the view no more.
    """
    for number in numbers:
        log, records = tables.log, tables.records
        indices = list(connection.scalars(select(log.c.index).where(log.c.record == number)))
        rows = log_of(connection, log.c.record == number)
        excluded = _exclusions(connection, indices)
        gone = set(connection.scalars(select(tables.erased.c.index).where(tables.erased.c.index.in_(indices))))
        search.remove(connection, [number])
        for table in (tables.coverage, tables.record_themes, tables.record_places):
            connection.execute(delete(table).where(table.c.record == number))
        connection.execute(delete(records).where(records.c.record == number))
        connection.execute(update(log).where(log.c.record == number).values(record=None))
        entries = [entry_of(row, excluded, erased=row.index in gone) for row in rows]
        store.write_about(connection, store.write_view(connection, entries))
        _dispute(connection, registry, rows[0].organization, rows[0].org)
        _search_again(connection, max(indices))


def _exclusions(connection: Connection, indices: Sequence[int]) -> dict[int, ExclusionStated]:
    table = tables.exclusions.c
    query = select(table.index, table.org, table.reason, table.problems, table.stated_at)
    found = {}
    for index, org, reason, listed, stated_at in connection.execute(query.where(table.index.in_(list(indices)))):
        problems = tuple(Problem(**problem) for problem in orjson.loads(listed))
        found[index] = ExclusionStated(index, org, Exclusion(Reason(reason), problems), stated_at)
    return found


def _dispute(connection: Connection, registry: Registry, organization: str, org: int) -> None:
    member = registry.members.get(organization)
    for revocation in member.revoked if member is not None else ():
        dispute(connection, org, revocation)


def _search_again(connection: Connection, index: int) -> None:
    """Let the search projection read this entry again, if it has read it."""
    cursors = tables.cursors
    behind = update(cursors).where(cursors.c.name == search.CURSOR, cursors.c.position > index)
    connection.execute(behind.values(position=index))
