"""Tables of the operators. Trusted for nothing that the log says: whoever can modify them can hide what operators did.

What changes the network stands in the log too, signed by the roots; notes, maintenance and the trail stand here alone.
"""

from sqlalchemy import BigInteger, Column, Index, String, Table, Text

from hub.tables import Number, metadata

# When each node's state word changed, as the hub saw it.
state_changes = Table(
    "state_changes",
    metadata,
    Column("number", Number, primary_key=True, autoincrement=True),
    Column("organization", String(40), nullable=False),
    Column("since", String(24), nullable=False),
    Column("state", String(20), nullable=False),
    Column("reason", Text, nullable=False),
)
Index("state_changes_of_organization", state_changes.c.organization, state_changes.c.number)

# The last 48 hours of each node, hour by hour: how far its chain was logged at the end, how many events were missing.
node_hours = Table(
    "node_hours",
    metadata,
    Column("organization", String(40), primary_key=True),
    Column("hour", String(13), primary_key=True),  # 2026-11-26T15
    Column("sequence", BigInteger, nullable=False),
    Column("lag", BigInteger, nullable=False),  # the most in this hour
    sqlite_with_rowid=False,
)

# What was refused of each organization, by reason, hour by hour; the last 90 days.
refused_hours = Table(
    "refused_hours",
    metadata,
    Column("organization", String(40), primary_key=True),
    Column("hour", String(13), primary_key=True),
    Column("reason", String(40), primary_key=True),
    Column("times", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

# The same since the beginning: it only grows.
refused_totals = Table(
    "refused_totals",
    metadata,
    Column("organization", String(40), primary_key=True),
    Column("reason", String(40), primary_key=True),
    Column("times", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

# What operators note about a node; nobody else reads it.
notes = Table(
    "notes",
    metadata,
    Column("number", Number, primary_key=True, autoincrement=True),
    Column("organization", String(40), nullable=False),
    Column("at", String(24), nullable=False),
    Column("who", String(200), nullable=False),
    Column("text", Text, nullable=False),
)
Index("notes_of_organization", notes.c.organization, notes.c.number)

# Until when a node is expected to be away: one window for each.
maintenance = Table(
    "maintenance",
    metadata,
    Column("organization", String(40), primary_key=True),
    Column("begins", String(24), nullable=False),
    Column("ends", String(24), nullable=False),
    Column("reason", Text, nullable=False),
    Column("who", String(200), nullable=False),
    sqlite_with_rowid=False,
)

# What operators did: never changed but by its outcome, never removed. `form`: a form that is sent twice acts once.
acts = Table(
    "acts",
    metadata,
    Column("number", Number, primary_key=True, autoincrement=True),
    Column("at", String(24), nullable=False),
    Column("account", Number, nullable=True),
    Column("who", String(200), nullable=False),
    Column("act", String(40), nullable=False),
    Column("organization", String(40), nullable=True),
    Column("about", String(100), nullable=True),
    Column("reason", Text, nullable=False),
    Column("outcome", String(20), nullable=False),  # begun · done · refused
    Column("answer", Text, nullable=False),
    Column("form", String(64), nullable=False, unique=True),
)
Index("acts_of_organization", acts.c.organization, acts.c.number)
