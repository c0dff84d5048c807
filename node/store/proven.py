"""Where what was read is a tree that the log has signed; reading goes back to there when it has gone astray."""

from sqlalchemy import Connection, delete, select, update

from node import tables


def note_proven(connection: Connection, size: int) -> None:
    """Remember this place, if exactly this much was read."""
    position = tables.log_position.c
    read = connection.execute(select(position.size, position.roots, position.own)).one()
    if read.size == size:
        connection.execute(update(tables.proven).values(size=size, roots=read.roots or b"", own=read.own, astray=False))


def note_astray(connection: Connection) -> None:
    """Say that what was read is no tree that the log has signed."""
    connection.execute(update(tables.proven).values(astray=True))


def forget_proven(connection: Connection) -> None:
    """Say that nothing is proven: the log is read from its first entry on."""
    connection.execute(update(tables.proven).values(size=0, roots=b"", own=0, astray=False))


def is_astray(connection: Connection) -> bool:
    """Whether reading has gone astray."""
    return bool(connection.execute(select(tables.proven.c.astray)).scalar())


def go_back(connection: Connection) -> int:
    """Forget what was read behind the proven place, and the checkpoints that led there; gives its size.

    What was cosigned stays, and so do all checkpoints that were ever verified: the next one must agree with them.
    """
    place = connection.execute(select(tables.proven)).one()
    checkpoints, said, registry = tables.checkpoints, tables.statements, tables.registry_statements
    connection.execute(
        update(tables.log_position).values(
            size=place.size, roots=place.roots or b"", own=place.own, target=place.size, trouble=None
        )
    )
    connection.execute(delete(registry).where(registry.c.index >= place.size))
    connection.execute(delete(tables.chain_ends).where(tables.chain_ends.c.index >= place.size))
    connection.execute(update(said).where(said.c.index >= place.size).values({"index": None}))
    behind = checkpoints.c.size > place.size
    unproven = checkpoints.c.verified.is_(False) & checkpoints.c.quorum.is_(False)
    connection.execute(delete(checkpoints).where(behind, unproven))
    connection.execute(update(checkpoints).where(behind).values(verified=False))
    connection.execute(update(tables.proven).values(astray=False))
    return int(place.size)
