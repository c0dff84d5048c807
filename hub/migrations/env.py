"""Alembic's entry: migrations run over the connection that the service hands in, never over one of their own."""

from alembic import context

from hub.accounts import tables as accounts
from hub.following import tables as following
from hub.operating import tables as operating
from hub.subscriptions import tables as subscriptions
from hub.tables import metadata

TABLES_OF = (accounts, following, operating, subscriptions)  # imported, they stand in the metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
context.run_migrations()
