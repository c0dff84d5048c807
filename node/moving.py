"""What of the node's database moves to another one: all but the words that records are found by, read anew there."""

from collections.abc import Mapping
from typing import Final

from sqlalchemy import Connection, select

from node import tables
from node.accounts import tables as accounts
from node.settings import DATABASE_FILE, SETTINGS_FILE, Settings
from node.store import answered_tables, batch_tables, draft_tables
from node.store.grid_rows import grid_row
from node.store.grid_tables import grid
from node.store.opening import MIGRATIONS
from node.store.words import write_words
from node.store.writing import as_kept
from wire.database_copy import CannotMove, Content
from wire.database_move import Home

TABLES_OF: Final = (accounts, answered_tables, batch_tables, draft_tables)  # imported, they stand in the metadata
VARIABLE: Final = "LIAISON_NODE_DATABASE"
_AT_ONCE: Final = 500


def home_of(settings: Settings) -> Home:
    """Give where the node names its database."""
    directory = settings.directory
    return Home(settings.database, directory / SETTINGS_FILE, VARIABLE, directory / DATABASE_FILE)


def content(organization: str) -> Content:
    """Give what is copied, filled and compared; it must be the database of this organization's node."""

    def check(connection: Connection) -> None:
        found = connection.scalar(select(tables.chain.c.organization))
        if found != organization:
            raise CannotMove(
                f"the old database holds {f'the node of {found}' if found else 'no node'}, and not that of "
                f"{organization}: correct database in {SETTINGS_FILE} or {VARIABLE}"
            )

    return Content(tables.metadata, MIGRATIONS, check, _facts, fill=_read_words)


def _facts(connection: Connection) -> Mapping[str, object]:
    chain = connection.execute(select(tables.chain)).all()
    waiting = select(tables.outbox.c.sequence).order_by(tables.outbox.c.sequence)
    return {"the chain": chain, "the outbox": list(connection.scalars(waiting))}


def _read_words(connection: Connection) -> None:
    """Let all records be found by their words, those that the grid shows."""
    records, last = tables.records, 0
    query = select(records).join(grid, grid.c.number == records.c.number).order_by(records.c.number).limit(_AT_ONCE)
    while found := connection.execute(query.where(records.c.number > last)).all():
        write_words(connection, [(row.number, grid_row(row.number, as_kept(row))[2]) for row in found])
        last = found[-1].number
