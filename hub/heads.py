"""What nodes say of themselves in their heads, as the database keeps it."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Engine, select

from hub import tables
from hub.node_states import behind_since
from hub.store import storable


def note_heads(engine: Engine, heads: Sequence[dict[str, Any]]) -> None:
    """Keep what nodes said of themselves: organization, head_sequence, head_at, software, clock_skew."""
    table = tables.organizations
    with engine.begin() as connection:
        for head in heads:
            mine = table.c.organization == head["organization"]
            query = select(table.c.behind_since, table.c.head_sequence, table.c.sequence)
            row = connection.execute(query.where(mine)).first()
            if row is not None:
                since = behind_since(*row, head["head_sequence"], head["head_at"])
                values = {name: value for name, value in head.items() if name != "organization"}
                values["software"] = storable(head["software"], 200)
                connection.execute(table.update().where(mine).values(**values, behind_since=since))
