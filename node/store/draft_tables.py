"""The table of drafts: what people have begun to write, whole or not, and what waits for a second person."""

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table, Text

from node.tables import Number, metadata

drafts = Table(
    "drafts",
    metadata,
    Column("number", Number, primary_key=True, autoincrement=True),
    Column("kind", String(20), nullable=False),
    Column("id", String(64), nullable=True),  # of the record that it revises; none for a new one
    Column("owner", BigInteger, nullable=False),  # number of the account
    Column("owner_name", String(200), nullable=False),
    Column("entry", Text, nullable=False),  # JSON as typed: marking, recipients and fields; need not be valid
    Column("state", String(10), nullable=False),  # draft · review
    Column("note", Text, nullable=True),  # what the reviewer said in giving it back
    Column("version", Integer, nullable=False),  # grows with each change, so that nobody overwrites another's
    Column("answers", String(120), nullable=True),  # address of the need to which it was begun as an answer
    Column("began", String(24), nullable=False),  # this node's clock
    Column("changed", String(24), nullable=False),
)
Index("drafts_of_owner", drafts.c.owner, drafts.c.number)
Index("drafts_in_state", drafts.c.state, drafts.c.number)
