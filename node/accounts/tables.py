"""The tables of accounts among the node's, and the trail of acts.

Trusted for who may log in, and for what was done here: whoever can modify them can let anybody in, and hide it. What
was published stands in the signed log besides. Of passwords, codes, cookies and tokens there are only hashes.
"""

from sqlalchemy import Column, Index, String, Table, Text

from node.tables import Number, metadata
from people.tables import create_tables

TABLES = create_tables(metadata, role_length=40)

# What people, commands and programs did or tried, for good.
acts = Table(
    "acts",
    metadata,
    Column("number", Number, primary_key=True, autoincrement=True),
    Column("at", String(24), nullable=False),  # this node's clock
    Column("account", Number, nullable=True),  # none for commands and tokens
    Column("who", String(200), nullable=False),
    Column("act", String(40), nullable=False),  # a stable word, such as record.published
    Column("subject", String(200), nullable=False),
    Column("detail", Text, nullable=False),
    Column("outcome", String(20), nullable=False),  # done · refused
)
Index("acts_of_act", acts.c.act, acts.c.number)
