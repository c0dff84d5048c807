"""The one table that only a regional hub has: trusted for nothing, it says what is to be asked for again."""

from sqlalchemy import Column, Table

from hub.tables import Number, metadata

# Entries whose bodies are to be held here, and were not there when they were asked for.
awaited = Table("awaited", metadata, Column("index", Number, primary_key=True, autoincrement=False))
