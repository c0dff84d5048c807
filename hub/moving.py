"""What of the hub's database moves to another one: all but what records are found by, folded anew from the log."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Select, Table, select

from hub import search, tables
from hub.accounts import tables as accounts
from hub.backup import DATABASE_FILE
from hub.finding import tables as finding
from hub.following import tables as following
from hub.following.choice import is_regional
from hub.operating import tables as operating
from hub.schema import MIGRATIONS, NO_HUB
from hub.settings import SETTINGS_FILE, Settings
from hub.subscriptions import tables as subscriptions
from hub.view_digest import Digests, log_root
from hub.view_lines import log_size
from wire.database_copy import CannotMove, Content
from wire.database_move import Home

TABLES_OF: Final = (accounts, following, operating, subscriptions)  # imported, they stand in the metadata
VARIABLE: Final = "LIAISON_HUB_DATABASE"
DERIVED: Final = frozenset({
    finding.answers, finding.facet_counts, finding.listings, finding.matrix_cells, finding.publisher_lines,
    finding.stale_cells,
})  # fmt: skip


def home_of(settings: Settings) -> Home:
    """Give where the hub names its database."""
    directory = settings.directory
    return Home(settings.database, directory / SETTINGS_FILE, VARIABLE, directory / DATABASE_FILE)


def content(directory: Path) -> Content:
    """Give what is copied and compared; `search.load` derives the rest, or else the first question does."""

    def check(connection: Connection) -> None:
        if not is_regional(directory) and not log_size(connection):
            raise CannotMove(NO_HUB)

    return Content(tables.metadata, MIGRATIONS, check, _facts, rows=_copied)


def _copied(table: Table) -> Select[Any] | None:
    if table in DERIVED:
        return None
    if table is tables.cursors:
        return select(table).where(table.c.name != search.CURSOR)
    return select(table)


def _facts(connection: Connection) -> Mapping[str, object]:
    size = log_size(connection)
    root = log_root(connection, size) if size else b""
    return {"size of the log": size, "root of its tree": root, "the view": Digests().state(connection).state}
