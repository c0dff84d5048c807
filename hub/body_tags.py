"""How a body is found by its hash: by a number made of the hash's first eight bytes, stretch by stretch of the log."""

import hashlib

from sqlalchemy import ColumnElement, Connection, and_, func, select, update

from hub import tables


def tag_of(digest: bytes) -> int:
    """Give the number under which a body with this SHA-256 is found; two bodies may share one."""
    return int.from_bytes(digest[:8], "big", signed=True)


def has_hash(connection: Connection, digest: bytes) -> ColumnElement[bool]:
    """Give the condition under which a body has this SHA-256: nearly certainly, its reader looks whether it is so."""
    bodies = tables.bodies.c
    last = connection.scalar(select(func.max(bodies.index))) or 0
    stretches = range((last >> tables.STRETCH_BITS) + 1)
    return and_(tables.STRETCH_OF_BODY.in_(stretches), bodies.tag == tag_of(digest))


def tag_of_body(body: bytes) -> int:
    """Give it for a body."""
    return tag_of(hashlib.sha256(body).digest())


def fill_tags(connection: Connection) -> None:
    """Tag the bodies of a database that has none."""
    table = tables.bodies
    for index in connection.execute(select(table.c.index)).scalars().all():
        body = connection.scalar(select(table.c.body).where(table.c.index == index))
        connection.execute(update(table).where(table.c.index == index).values(tag=tag_of_body(bytes(body or b""))))
