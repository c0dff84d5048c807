"""The tables about the log that this node reads and witnesses, and those that all tables are made with."""

from sqlalchemy import BigInteger, Boolean, Column, Integer, LargeBinary, MetaData, String, Table, Text

metadata = MetaData()

# On SQLite only a column of type INTEGER is the row id itself.
Number = BigInteger().with_variant(Integer, "sqlite")

# One row: how far this node has read the log, and what the newest receipt has promised.
log_position = Table(
    "log_position",
    metadata,
    Column("one", Integer, primary_key=True, autoincrement=False),
    Column("size", BigInteger, nullable=False),
    Column("roots", LargeBinary, nullable=False),  # of the perfect subtrees, 32 bytes each, largest first
    Column("own", BigInteger, nullable=False),  # last sequence in our name that was read
    Column("target", BigInteger, nullable=False),  # size of the newest checkpoint known of
    Column("trouble", Text, nullable=True),  # why it does not get on, if so
    Column("promised", BigInteger, nullable=False),  # last sequence that a receipt says is logged
    Column("promised_index", BigInteger, nullable=False),  # and where; -1 before the first
    Column("receipt", LargeBinary, nullable=True),  # that receipt
)

# One row: where what was read was last a tree that the log has signed. `astray`: with what was read behind it, it is
# none, so that reading has to go back to here once a person has settled the alarm.
proven = Table(
    "proven",
    metadata,
    Column("one", Integer, primary_key=True, autoincrement=False),
    Column("size", BigInteger, nullable=False),
    Column("roots", LargeBinary, nullable=False),  # as in log_position
    Column("own", BigInteger, nullable=False),
    Column("astray", Boolean, nullable=False),
)

# The registry's statements, from which it is folded at every start.
registry_statements = Table(
    "registry_statements",
    metadata,
    Column("index", Number, primary_key=True, autoincrement=False),
    Column("token", LargeBinary, nullable=False),
    Column("body", LargeBinary, nullable=False),
)

# Checkpoints that the log has signed; the newest are kept. `verified`: its root is that of the entries read here.
checkpoints = Table(
    "checkpoints",
    metadata,
    Column("size", Number, primary_key=True, autoincrement=False),
    Column("root", LargeBinary(32), nullable=False),
    Column("note", LargeBinary, nullable=False),
    Column("verified", Boolean, nullable=False),
    Column("quorum", Boolean, nullable=False),  # seen with enough cosignatures
)

# At most one row: the largest checkpoint that this node has cosigned.
cosigned = Table(
    "cosigned",
    metadata,
    Column("one", Integer, primary_key=True, autoincrement=False),
    Column("size", BigInteger, nullable=False),
    Column("root", LargeBinary(32), nullable=False),
    Column("note", LargeBinary, nullable=False),
    Column("at", String(24), nullable=False),
)

# What the witness found, with the evidence. A row changes once: a person settles it. The same found again is a new row.
alarms = Table(
    "alarms",
    metadata,
    Column("number", Number, primary_key=True, autoincrement=True),
    Column("digest", LargeBinary(32), nullable=False),
    Column("name", String(20), nullable=False),
    Column("text", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("evidence", LargeBinary, nullable=False),  # JSON
    Column("at", String(24), nullable=False),
    Column("settled", String(24), nullable=True),  # when, by this node's clock; none while it stands
    Column("reason", Text, nullable=True),  # why the node may go on, as the person said it
)

# Where each organization's chain ended in the log, as far as it was read.
chain_ends = Table(
    "chain_ends",
    metadata,
    Column("organization", String(40), primary_key=True),
    Column("sequence", BigInteger, nullable=False),
    Column("hash", LargeBinary(32), nullable=False),
    Column("index", BigInteger, nullable=False),
)

# The logs that the roots have put in the place of lost ones, in order; the last row is the log that is read now.
next_logs = Table(
    "next_logs",
    metadata,
    Column("number", Number, primary_key=True, autoincrement=True),
    Column("vkey", Text, nullable=False),
    Column("token", LargeBinary, nullable=False),  # of its entry 0
    Column("body", LargeBinary, nullable=False),
    Column("cosigned", LargeBinary, nullable=True),  # the last note of the lost log that this node had cosigned
    Column("at", String(24), nullable=False),  # this node's clock
)
