"""How a body is found by its hash: a number made of the hash's first eight bytes, which costs less than the hash."""

import hashlib

from sqlalchemy import Connection, select, update

from hub import tables


def tag_of(digest: bytes) -> int:
    """Give the number under which a body with this SHA-256 is found; two bodies may share one."""
    return int.from_bytes(digest[:8], "big", signed=True)


def tag_of_body(body: bytes) -> int:
    """Give it for a body."""
    return tag_of(hashlib.sha256(body).digest())


def fill_tags(connection: Connection) -> None:
    """Tag the bodies of a database that has none."""
    table = tables.bodies
    for index in connection.execute(select(table.c.index)).scalars().all():
        body = connection.scalar(select(table.c.body).where(table.c.index == index))
        connection.execute(update(table).where(table.c.index == index).values(tag=tag_of_body(bytes(body or b""))))
