"""The end of a restore: the chain is whole again, so that the alarms about what was missing end with it."""

from collections.abc import Set as AbstractSet

import orjson
from sqlalchemy import Connection, delete, insert, select, update

from node import tables
from node.alarms import Name
from node.store.log import Tree
from node.store.proven import forget_proven


def end_alarm(connection: Connection, known: AbstractSet[str], outside: Tree | None) -> None:
    """Let the chain sign again. `known` are our tokens that were missing; `outside` is what the node had cosigned.

    The log is read anew from its first entry: what was read without them was judged without them.
    """
    alarms, table = tables.alarms, tables.cosigned
    connection.execute(update(tables.chain).values(alarm=None, alarm_text=None))
    strangers = select(alarms.c.digest, alarms.c.evidence).where(alarms.c.name == str(Name.STRANGER))
    for row in connection.execute(strangers).all():
        if orjson.loads(row.evidence).get("found") in known:
            connection.execute(delete(alarms).where(alarms.c.digest == row.digest))
    connection.execute(update(tables.log_position).values(size=0, roots=b"", own=0))
    forget_proven(connection)
    connection.execute(delete(tables.registry_statements))
    connection.execute(delete(tables.chain_ends))
    connection.execute(update(tables.checkpoints).values(verified=False))
    kept = connection.execute(select(table.c.size)).scalar()
    if outside is not None and kept is None:
        connection.execute(insert(table).values(one=1, **outside._asdict()))
    elif outside is not None and kept is not None and kept < outside.size:
        connection.execute(update(table).values(outside._asdict()))
