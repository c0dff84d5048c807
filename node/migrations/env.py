"""Alembic's entry: migrations run over the connection that the service hands in, never over one of their own."""

from alembic import context

from node.accounts import tables as accounts
from node.store import answered_tables as answered
from node.tables import metadata

TABLES_OF = (accounts, answered)  # imported, they stand in the metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
context.run_migrations()
