"""The table of what was answered to requests with an idempotency key; it holds no content of a record."""

from sqlalchemy import BigInteger, Column, Index, LargeBinary, Table, Text

from node.tables import metadata

answered = Table(
    "answered",
    metadata,
    Column("token", LargeBinary(32), primary_key=True),  # SHA-256, as in access_tokens
    Column("key", LargeBinary(32), primary_key=True),  # SHA-256 of the key
    Column("request", LargeBinary(32), nullable=False),  # SHA-256 of what was asked with it
    Column("done", Text, nullable=False),  # JSON list of what was done; null before it is
    Column("at", BigInteger, nullable=False),  # seconds since 1970, this node's clock
)
Index("answered_at", answered.c.at)
