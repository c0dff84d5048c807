"""The tables of accounts among the hub's; its access tokens begin sessions, too."""

from hub.tables import access_tokens, metadata
from people.tables import create_tables

TABLES = create_tables(metadata, tokens=access_tokens)
