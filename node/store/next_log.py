"""Going over to the next log: what was read of the lost one is forgotten, and everything of ours is offered again."""

from collections.abc import Mapping
from typing import NamedTuple

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from node import tables
from node.log_fold import ChainEnd
from node.store.delivery_times import forget_reached
from node.store.proven import forget_proven
from wire.database import is_sqlite

# Letters and orders of the lost log stay, in their order, below all places of the next one.
FORMER = -(2**40)


class NextLog(NamedTuple):
    """A log in the place of a lost one: its key, its entry 0, and the last note of the lost one that was cosigned."""

    vkey: str
    token: bytes
    body: bytes
    cosigned: bytes | None


def next_logs(connection: Connection) -> list[NextLog]:
    """Give them in order; the last one is read now, and where there is none the network's first log."""
    table = tables.next_logs
    query = select(table.c.vkey, table.c.token, table.c.body, table.c.cosigned).order_by(table.c.number)
    return [NextLog(row.vkey, bytes(row.token), bytes(row.body), row.cosigned) for row in connection.execute(query)]


def note_ends(connection: Connection, ends: Mapping[str, ChainEnd]) -> None:
    """Write where chains end now."""
    if not ends:
        return
    statement = (sqlite.insert if is_sqlite(connection) else postgresql.insert)(tables.chain_ends)
    changed = {name: statement.excluded[name] for name in ("sequence", "hash", "index")}
    rows = [
        {"organization": name, "sequence": end.sequence, "hash": end.hash, "index": end.place}
        for name, end in ends.items()
    ]
    connection.execute(statement.on_conflict_do_update(index_elements=["organization"], set_=changed), rows)


def chain_ends(connection: Connection) -> dict[str, ChainEnd]:
    """Give where all chains end, by organization."""
    return {row[0]: ChainEnd(row[1], bytes(row[2]), row[3]) for row in connection.execute(tables.chain_ends.select())}


def go_over(connection: Connection, log: NextLog, at: str) -> None:
    """Begin with the next log: nothing of it is read, cosigned or delivered yet."""
    connection.execute(insert(tables.next_logs).values(**log._asdict(), at=at))
    connection.execute(
        update(tables.log_position).values(
            size=0, roots=b"", own=0, target=0, trouble=None, promised=0, promised_index=-1, receipt=None
        )
    )
    forget_proven(connection)
    for table in (tables.registry_statements, tables.checkpoints, tables.cosigned, tables.chain_ends, tables.outbox):
        connection.execute(delete(table))
    said, relay = tables.statements, tables.relay
    connection.execute(update(said).values({"index": None, "promised": None}))
    connection.execute(insert(tables.outbox).from_select(["sequence", "since"], select(said.c.sequence, said.c.time)))
    connection.execute(update(relay).values(sent=0, logged=0, logged_index=-1, witnessed=0))
    forget_reached(connection, after=0)
    box, obeyed = tables.inbox, tables.obeyed
    connection.execute(delete(tables.inbox_queue))
    connection.execute(update(box).where(box.c.superseded.is_not(None)).values(superseded=box.c.superseded + FORMER))
    for each in (box, obeyed):
        connection.execute(update(each).where(each.c.index >= 0).values({"index": each.c.index + FORMER}))
