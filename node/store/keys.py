"""Which of the node's keys speak, as the database says it in the same breath as the chain."""

from typing import NamedTuple

from sqlalchemy import Connection

from node import tables


class InUse(NamedTuple):
    """Keys by thumbprint; None is the key that the set was made with. `rotated_at`: sequence of the last rotation.

    `key_set` counts the sets: 1 from `init`, another with every replacement by the roots.
    """

    key_set: int = 1
    signing: str | None = None
    following: str | None = None
    before: str | None = None
    rotated_at: int = 0


def read_in_use(connection: Connection) -> InUse:
    """Give what the database says; a node that never changed a key uses those of `init`."""
    row = connection.execute(tables.keys.select()).first()
    return InUse() if row is None else InUse(*row[1:])


def write_in_use(connection: Connection, in_use: InUse) -> None:
    """Say which keys speak from now on."""
    connection.execute(tables.keys.delete())
    connection.execute(tables.keys.insert().values(one=1, **in_use._asdict()))
