"""The organizations of the network, in the node's database."""

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, Engine
from sqlalchemy.dialects import postgresql, sqlite

from node import tables
from node.directory import Known
from wire.database import is_sqlite, reading
from wire.registry import Member, Standing


class Members:
    """The directory as the registry's statements in the log fill it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._reading = reading(engine)

    def members(self) -> Mapping[str, Known]:
        """Give all of them by id; none before the registry was read."""
        with self._reading.connect() as connection:
            rows = connection.execute(tables.members.select()).all()
        return {
            row.organization: Known(row.organization, row.name, Standing(row.standing), row.encryption) for row in rows
        }


def write_members(connection: Connection, members: Iterable[Member]) -> None:
    """Write how organizations stand, those that are new and those that have changed."""
    rows = [
        {
            "organization": each.organization, "name": each.name, "standing": each.standing.value,
            "encryption": each.encryption,
        }
        for each in members
    ]  # fmt: skip
    if not rows:
        return
    insert = sqlite.insert if is_sqlite(connection) else postgresql.insert
    statement = insert(tables.members)
    changed = {name: statement.excluded[name] for name in ("name", "standing", "encryption")}
    connection.execute(statement.on_conflict_do_update(index_elements=["organization"], set_=changed), rows)
