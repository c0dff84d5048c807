"""The node's tables. Statements, tokens and bodies are permanent; all else says how far they have come."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from node.log_tables import (
    Number,
    alarms,
    chain_ends,
    checkpoints,
    cosigned,
    log_position,
    metadata,
    next_logs,
    proven,
    registry_statements,
)

# Those of node.log_tables are had here too: together they are the node's database.
__all__ = [
    "Number",
    "alarms",
    "chain_ends",
    "checkpoints",
    "cosigned",
    "log_position",
    "metadata",
    "next_logs",
    "proven",
    "registry_statements",
]


# One row: where this organization's chain stands. Whoever appends to the chain locks it first.
chain = Table(
    "chain",
    metadata,
    Column("one", Integer, primary_key=True, autoincrement=False),
    Column("organization", String(40), nullable=False),
    Column("network", String(253), nullable=True),  # none before the node has joined one
    Column("sequence", BigInteger, nullable=False),
    Column("head", LargeBinary(32), nullable=False),  # what `previous` of the next statement must be
    Column("admission", LargeBinary, nullable=True),
    Column("alarm", String(20), nullable=True),  # diverged · behind-hub: nothing is signed any more
    Column("alarm_text", Text, nullable=True),
)

# One row: which of the keys under DIR/keys speak. Changed in the transaction that seals a rotation, or adopts new keys.
keys = Table(
    "keys",
    metadata,
    Column("one", Integer, primary_key=True, autoincrement=False),
    Column("key_set", Integer, nullable=False),  # 1: DIR/keys, n: DIR/keys/n
    Column("signing", String(43), nullable=True),  # thumbprints; none: the file of that name in the set
    Column("following", String(43), nullable=True),  # the next key, which is committed to
    Column("before", String(43), nullable=True),  # the signing key before the last rotation
    Column("rotated_at", BigInteger, nullable=False),  # sequence of that rotation; 0 before the first
)

# The organization's records as they stand here. `number` is the order in which they first came.
records = Table(
    "records",
    metadata,
    Column("number", Number, primary_key=True, autoincrement=True),
    Column("kind", String(20), nullable=False),
    Column("id", String(64), nullable=False),
    Column("marking", String(20), nullable=False),
    Column("record", LargeBinary, nullable=False),  # JSON
    Column("state", String(10), nullable=False),  # local · current · withdrawn · erased
    Column("spoken", Boolean, nullable=False),  # whether an event about it was ever made
    Column("sequence", BigInteger, nullable=True),  # its last sealed event; none while that waits for the join
    Column("changed", String(24), nullable=False),  # this node's clock
    Column("source", String(64), nullable=True),  # the mapping that imported it
    Column("recipients", Text, nullable=True),  # JSON list of organizations: who may read it beside us, if encrypted
    Column("review_due", String(10), nullable=True),  # the day by which it is to be confirmed; none if that is never
    UniqueConstraint("kind", "id"),
)
Index("records_due", records.c.review_due)
Index("records_in_sequence", records.c.sequence)
Index("records_of_source", records.c.source)

# Every event this organization has sealed, in the order of its chain.
statements = Table(
    "statements",
    metadata,
    Column("sequence", Number, primary_key=True, autoincrement=False),
    Column("kind", String(20), nullable=False),
    Column("id", String(64), nullable=False),
    Column("action", String(20), nullable=False),
    Column("marking", String(20), nullable=False),
    Column("time", String(24), nullable=False),
    Column("hash", LargeBinary(32), nullable=False),
    Column("token", LargeBinary, nullable=False),
    Column("body", LargeBinary, nullable=True),  # none once it is erased
    Column("index", BigInteger, nullable=True),  # its place in the log, where this node has read it there
    Column("promised", BigInteger, nullable=True),  # the place that a receipt has told
)
Index("statements_of_record", statements.c.kind, statements.c.id, statements.c.sequence)
Index("statements_in_log", statements.c.index)

# What is not proven to be in the log yet, under a checkpoint with a quorum.
outbox = Table(
    "outbox",
    metadata,
    Column("sequence", Number, primary_key=True, autoincrement=False),
    Column("since", String(24), nullable=False),
)

# Changes made before the node has joined: sealed on join, in this order.
pending = Table(
    "pending",
    metadata,
    Column("number", Number, primary_key=True, autoincrement=True),
    Column("kind", String(20), nullable=False),
    Column("id", String(64), nullable=False),
    Column("action", String(20), nullable=False),
    Column("marking", String(20), nullable=False),
    Column("content", LargeBinary, nullable=False),  # JSON: the record, or the reason of a withdrawal
)

# Orders to have this organization's bodies destroyed: one row for each, with what the hub says of who obeyed.
erasures = Table(
    "erasures",
    metadata,
    Column("sequence", Number, primary_key=True, autoincrement=False),  # of the order
    Column("kind", String(20), nullable=False),
    Column("id", String(64), nullable=False),
    Column("statements", Integer, nullable=False),
    Column("reason", Text, nullable=False),  # kept here only
    Column("confirmed", Text, nullable=False),  # JSON list of {org, index}
    Column("missing", Text, nullable=True),  # JSON list of organizations; none before the hub was asked
    Column("asked", String(24), nullable=True),  # this node's clock
)

# Orders of others whose bodies were held here and are destroyed; the confirmation follows in the same transaction.
obeyed = Table(
    "obeyed",
    metadata,
    Column("index", Number, primary_key=True, autoincrement=False),  # of the order in the log
    Column("hash", LargeBinary(32), nullable=False),
    Column("sequence", BigInteger, nullable=True),  # of the confirmation; none while nothing may be signed
)

# What the hub said of single events: refused (error) or left out of the view (warning).
judgements = Table(
    "judgements",
    metadata,
    Column("sequence", Number, primary_key=True, autoincrement=False),
    Column("severity", String(10), nullable=False),
    Column("reason", String(40), nullable=False),
    Column("found", Text, nullable=False),
    Column("expected", Text, nullable=False),
    Column("problems", Text, nullable=False),  # JSON list of {pointer, message, found, allowed}
    Column("at", String(24), nullable=False),  # the hub's clock
)

# One row: what the running node knows of bus and hub, for the commands beside it.
relay = Table(
    "relay",
    metadata,
    Column("one", Integer, primary_key=True, autoincrement=False),
    Column("bus", String(10), nullable=False),  # up · away · off
    Column("bus_reason", Text, nullable=False),
    Column("bus_since", String(24), nullable=False),
    Column("sent", BigInteger, nullable=False),
    Column("logged", BigInteger, nullable=False),
    Column("logged_index", BigInteger, nullable=False),  # log index of the last logged event; -1 before the first
    Column("receipt_at", String(24), nullable=True),  # the hub's clock
    Column("received_at", String(24), nullable=True),  # this node's clock
    Column("hub_state", String(20), nullable=True),
    Column("hub_reason", Text, nullable=True),
    Column("trouble", Text, nullable=True),  # why nothing is sent, if so
    Column("witnessed", BigInteger, nullable=False, server_default="0"),  # last sequence that a quorum proves logged
)

# When events took a step on their way to the view: those from `first` to `last`, by this node's clock. The spans of a
# step do not overlap; an event that is in none took it before times were kept, or has it before it.
delivery_times = Table(
    "delivery_times",
    metadata,
    Column("step", String(10), primary_key=True),  # sent · logged · witnessed
    Column("last", BigInteger, primary_key=True, autoincrement=False),
    Column("first", BigInteger, nullable=False),
    Column("at", String(24), nullable=False),
)

# How far a file of changes was replayed: all rows up to this one are in the chain.
replays = Table(
    "replays",
    metadata,
    Column("source", String(64), primary_key=True),
    Column("row", BigInteger, nullable=False),
)

# The organizations of the network as the registry's statements in the log say: to whom can be encrypted.
members = Table(
    "members",
    metadata,
    Column("organization", String(40), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("standing", String(10), nullable=False),  # active · suspended · retired
    Column("encryption", LargeBinary, nullable=False),  # X25519, 32 bytes; empty if it has none
)

# Statements of others whose bodies may be for us: the hub is asked for each.
inbox_queue = Table(
    "inbox_queue",
    metadata,
    Column("index", Number, primary_key=True, autoincrement=False),
    Column("token", LargeBinary, nullable=False),
)

# What others have said to this organization, opened: one row for each of their events.
inbox = Table(
    "inbox",
    metadata,
    Column("index", Number, primary_key=True, autoincrement=False),  # in the log
    Column("org", String(40), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("id", String(64), nullable=False),
    Column("action", String(20), nullable=False),
    Column("marking", String(20), nullable=False),
    Column("time", String(24), nullable=False),
    Column("statement", LargeBinary(32), nullable=False),
    Column("datahash", LargeBinary(32), nullable=False),
    Column("body", LargeBinary, nullable=True),  # decrypted; none if it could not be, or once it is erased
    Column("readers", Text, nullable=False),  # JSON list of organizations
    Column("reason", String(40), nullable=True),  # why it is not valid, if so
    Column("problems", Text, nullable=False),  # JSON list of {pointer, message, found, allowed}
    Column("superseded", BigInteger, nullable=True),  # log index of a later event about the same record
    Column("read_at", String(24), nullable=True),  # when a person first opened it, this node's clock; none: unread
    Column("read_by", String(200), nullable=True),  # that person's name
)
Index("inbox_of_record", inbox.c.org, inbox.c.kind, inbox.c.id)
Index("inbox_unread", inbox.c.read_at, inbox.c.superseded, inbox.c.index)

# From which assessments each finding was drawn, and the salt of the commitment to them; never published.
commitments = Table(
    "commitments",
    metadata,
    Column("id", String(64), primary_key=True),  # of the finding
    Column("addresses", Text, nullable=False),  # JSON list, sorted
    Column("salt", LargeBinary(32), nullable=False),
    Column("commitment", String(43), nullable=False),
)

# Who may use the API: SHA-256 of each token, never the token. A program's own has neither account nor roles.
access_tokens = Table(
    "access_tokens",
    metadata,
    Column("digest", LargeBinary(32), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("created", String(24), nullable=False),
    Column("account", Number, nullable=True),  # of the person in whose name it acts
    Column("role", String(40), nullable=True),  # at most these roles of the person's
    Column("ends", String(24), nullable=True),  # this node's clock
)
