"""Batches handed to the hub's writer as the intake does it, and what its database holds after them."""

from typing import Any

from sqlalchemy import Engine, Table, select

from hub import tables
from hub.author import Author
from hub.reads import read_messages
from hub.rebuild import VIEW
from hub.writer import Committed, Writer
from tests.signed_network import HUB_KEY, NETWORK, TRUST, message_of
from wire.examine import Message
from wire.seal import Sealed

CLOCKS = {"last_at", "refused_at", "at"}  # the hub's clock is shown and decides nothing


def commit(writer: Writer, *events: Sealed | Message, position: int | None = None) -> Committed:
    """Hand over one batch."""
    messages = [message_of(event) if isinstance(event, Sealed) else event for event in events]
    reads = read_messages(NETWORK, writer.packed_keys, messages)
    return writer.commit(list(zip(messages, reads, strict=True)), position=position)


def restarted(engine: Engine) -> Writer:
    """A writer as a new process has it: nothing but the database."""
    return Writer(engine, TRUST, Author(HUB_KEY))


def rows(engine: Engine, table: Table) -> list[tuple[Any, ...]]:
    """All rows of a table without the hub's clock, in order."""
    columns = [column for column in table.c if column.name not in CLOCKS]
    with engine.begin() as connection:
        return sorted((tuple(row) for row in connection.execute(select(*columns))), key=repr)


def view_of_all(engine: Engine) -> dict[str, list[tuple[Any, ...]]]:
    """The whole view."""
    return {table.name: rows(engine, table) for table in VIEW}


def everything(engine: Engine) -> dict[str, list[tuple[Any, ...]]]:
    """The whole database but for the clocks."""
    return {table.name: rows(engine, table) for table in tables.metadata.sorted_tables}


def logged(engine: Engine) -> list[tuple[int, str, int]]:
    """The log in order: index, organization, sequence."""
    names = tables.organizations
    query = select(tables.log.c.index, names.c.organization, tables.log.c.sequence).join(
        names, names.c.org == tables.log.c.org
    )
    with engine.begin() as connection:
        return [tuple(row) for row in connection.execute(query.order_by(tables.log.c.index))]


def chain_of(engine: Engine, organization: str) -> list[int]:
    """The sequences of one organization, in log order."""
    return [sequence for _, name, sequence in logged(engine) if name == organization]
