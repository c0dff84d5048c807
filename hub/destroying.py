"""Destroying bodies in the hub's database, with all that was made of them; what it writes is idempotent."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Table, case, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from hub import search, tables
from hub.decide import Outcome
from hub.entries import Confirmed, Erasure, Named
from hub.erased_list import Gone
from wire.database import is_sqlite
from wire.tidying import note_untidy

_CHUNK = 400


def write_erasures(connection: Connection, outcome: Outcome) -> list[bytes]:
    """Do what a batch orders, after its entries were written; gives the hashes of what is destroyed."""
    destroyed: list[bytes] = []
    for erasure in outcome.erasures:
        destroyed += carry_out(connection, erasure)
    if outcome.kept_erased:
        destroyed += destroy(connection, outcome.kept_erased, None)
    for confirmed in outcome.confirmations:
        write_confirmation(connection, confirmed)
    return destroyed


def carry_out(connection: Connection, erasure: Erasure) -> list[bytes]:
    """Remember an order, and destroy what it names."""
    values = {"org": erasure.org, "hash": erasure.hash, "record": erasure.record, "done_at": erasure.done_at}
    statement = _insert(connection, tables.erasures).values(index=erasure.index, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["index"], set_=values))
    return destroy(connection, erasure.statements, erasure.index)


def write_confirmation(connection: Connection, confirmed: Confirmed) -> None:
    """Remember that an organization has obeyed; the first time counts."""
    values = {"order": confirmed.order, "org": confirmed.org, "index": confirmed.index}
    connection.execute(_insert(connection, tables.confirmations).values(values).on_conflict_do_nothing())


def destroy(connection: Connection, statements: Sequence[Named], order: int | None) -> list[bytes]:
    """Destroy these bodies and what shows of them; `order` is the index of the order, None if it is not known yet."""
    row = _insert(connection, tables.erased)
    # What is known stays known: an order that comes again after a restore finds no body to read recipients from.
    known, new = tables.erased.c, row.excluded
    kept = {
        "ordered_at": func.coalesce(known.ordered_at, new.ordered_at),
        "recipients": case((known.recipients == "", new.recipients), else_=known.recipients),
    }
    rows = [
        {"index": each.index, "hash": each.hash, "ordered_at": order, "recipients": "\n".join(each.recipients)}
        for each in statements
    ]
    if rows:
        connection.execute(row.on_conflict_do_update(index_elements=["index"], set_=kept), rows)
        note_untidy(connection)
    for place in range(0, len(statements), _CHUNK):
        part = statements[place : place + _CHUNK]
        _destroy(connection, [each.index for each in part], [each.hash for each in part])
    return [each.hash for each in statements]


def gone(connection: Connection, hashes: Sequence[bytes] | None = None) -> list[Gone]:
    """Give these statements whose bodies are destroyed, or all of them, as DIR/erased keeps them."""
    erased, log = tables.erased.c, tables.log.c
    query = select(erased.hash, erased.index, log.token).join(tables.log, log.index == erased.index)
    if hashes is not None:
        query = query.where(erased.hash.in_(list(hashes)))
    return [Gone(bytes(digest), index, bytes(token)) for digest, index, token in connection.execute(query)]


def _destroy(connection: Connection, indices: list[int], hashes: list[bytes]) -> None:
    bodies, log, records = tables.bodies, tables.log, tables.records
    connection.execute(delete(bodies).where(bodies.c.index.in_(indices)))
    connection.execute(update(tables.exclusions).where(tables.exclusions.c.index.in_(indices)).values(problems="[]"))
    quarantine = tables.quarantine
    connection.execute(update(quarantine).where(quarantine.c.digest.in_(hashes)).values(body=None, found=""))
    about = select(log.c.record).where(log.c.index.in_(indices), log.c.record.is_not(None))
    shown = (records.c.record.in_(about), records.c.body_index.in_(indices))
    numbers = list(connection.scalars(select(records.c.record).where(*shown)))
    if not numbers:
        return
    emptied = {"erased": True, "held": True, "title": "", "state": None, "review_due": None}
    connection.execute(update(records).where(records.c.record.in_(numbers)).values(emptied))
    for table in (tables.record_places, tables.record_themes, tables.coverage):
        connection.execute(delete(table).where(table.c.record.in_(numbers)))
    search.remove(connection, numbers)


def _insert(connection: Connection, table: Table) -> Any:
    return sqlite.insert(table) if is_sqlite(connection) else postgresql.insert(table)
