"""The hub's tables. Trusted for nothing: whoever can modify them can hide or alter, and every auditor can show it."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    literal_column,
    text,
    true,
)

metadata = MetaData()

# On SQLite only a column of type INTEGER is the row id itself.
Number = BigInteger().with_variant(Integer, "sqlite")

# What the hub knows of each organization: its chain and its last head. `org` is its number in all other tables.
organizations = Table(
    "organizations",
    metadata,
    Column("org", Integer, primary_key=True, autoincrement=False),
    Column("organization", String(40), nullable=False, unique=True),
    Column("sequence", BigInteger, nullable=False),  # last logged; 0 before the first
    Column("head", LargeBinary(32), nullable=False),  # what `previous` of the next statement must be
    Column("forked", Boolean, nullable=False),
    Column("last_index", BigInteger, nullable=False),  # log index of the last statement; -1 before the first
    Column("last_at", String(24), nullable=True),  # hub's clock when it was logged
    Column("head_sequence", BigInteger, nullable=True),  # what the node's own head says
    Column("head_at", String(24), nullable=True),  # hub's clock when that head came
    Column("behind_since", String(24), nullable=True),  # hub's clock: since when that head is beyond the log
    Column("software", String(200), nullable=True),
    Column("clock_skew", Integer, nullable=True),  # seconds, node minus hub
    Column("refused_at", String(24), nullable=True),
    Column("refused_reason", String(40), nullable=True),
)

# The log: one row per accepted statement, index from 0 without gaps, append-only. `record` is the record it is about.
log = Table(
    "log",
    metadata,
    Column("index", Number, primary_key=True, autoincrement=False),
    Column("org", Integer, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("marking", String(20), nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("lastindex", BigInteger, nullable=False),  # the index before it on the same subject; -1 for the first
    Column("hash", LargeBinary(32), nullable=False),
    Column("record", Number, nullable=True),
    Column("token", LargeBinary, nullable=False),
    UniqueConstraint("org", "sequence"),
)
Index("log_of_record", log.c.record, log.c.index)
# What the registry is folded from at every start, without reading the whole log.
_OF_CONTROL = text("kind = 'control'")
Index("log_of_control", log.c.index, sqlite_where=_OF_CONTROL, postgresql_where=_OF_CONTROL)

# The log's Merkle tree in tiles of 256 hashes (C2SP tlog-tiles); a full tile never changes.
tiles = Table(
    "tiles",
    metadata,
    Column("level", SmallInteger, primary_key=True, autoincrement=False),
    Column("number", Number, primary_key=True, autoincrement=False),
    Column("hashes", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)

# Tree heads that the hub has signed: all with a quorum of witnesses, and the newest without.
checkpoints = Table(
    "checkpoints",
    metadata,
    Column("size", Number, primary_key=True, autoincrement=False),
    Column("root", LargeBinary(32), nullable=False),
    Column("note", LargeBinary, nullable=False),
    Column("quorum", Boolean, nullable=False),
    Column("at", String(24), nullable=False),  # hub's clock
)

# The last index on each subject log.<marking>.<kind>.<org>: what `lastindex` of the next event is.
subjects = Table(
    "subjects",
    metadata,
    Column("org", Integer, primary_key=True, autoincrement=False),
    Column("kind", String(20), primary_key=True),
    Column("marking", String(20), primary_key=True),
    Column("index", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

# Bodies apart from the log, so that one can be destroyed and the log stays whole. Absent: never came, or erased.
bodies = Table(
    "bodies",
    metadata,
    Column("index", Number, primary_key=True, autoincrement=False),
    Column("tag", BigInteger, nullable=False),  # the first eight bytes of its hash
    Column("body", LargeBinary, nullable=False),
)
# Tags come in no order: their index begins with the stretch of the log, 65,536 entries, that a body is in (ADR 0027).
STRETCH_BITS = 16
STRETCH_OF_BODY = bodies.c.index.op(">>", return_type=Integer)(literal_column(str(STRETCH_BITS)))
Index("bodies_by_hash", STRETCH_OF_BODY, bodies.c.tag)

# Logged, but not in the view: derived from the hub's own statements in the log.
exclusions = Table(
    "exclusions",
    metadata,
    Column("index", Number, primary_key=True, autoincrement=False),
    Column("org", Integer, nullable=False),
    Column("reason", String(40), nullable=False),
    Column("problems", Text, nullable=False),  # JSON list of {pointer, message, found, allowed}
    Column("stated_at", BigInteger, nullable=False),  # index of the hub's statement
)
Index("exclusions_of_organization", exclusions.c.org, exclusions.c.index)

# Orders to erase that have effect. `org` is whose statements they name, `record` the address of the one they are about.
erasures = Table(
    "erasures",
    metadata,
    Column("index", Number, primary_key=True, autoincrement=False),  # of the order
    Column("org", Integer, nullable=False),
    Column("hash", LargeBinary(32), nullable=False, unique=True),
    Column("record", String(150), nullable=True),  # none in an order of the roots
    Column("done_at", BigInteger, nullable=True),  # index of the hub's own confirmation
)
Index("erasures_of_organization", erasures.c.org, erasures.c.index)

# Statements whose bodies are destroyed: none of them is ever stored or served again.
erased = Table(
    "erased",
    metadata,
    Column("index", Number, primary_key=True, autoincrement=False),
    Column("hash", LargeBinary(32), nullable=False, unique=True),
    Column("ordered_at", BigInteger, nullable=True),  # index of the order; none as long as only DIR/erased tells of it
    Column("recipients", Text, nullable=False),  # organizations that its body was encrypted to, LF between them
)
Index("erased_by_order", erased.c.ordered_at)

# Which organizations have said that they destroyed what an order names.
confirmations = Table(
    "confirmations",
    metadata,
    Column("order", Number, primary_key=True, autoincrement=False),
    Column("org", Integer, primary_key=True, autoincrement=False),
    Column("index", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

# The view: one row per record; `record` is the index of its first event. Bodies stay where they are (`body_index`).
records = Table(
    "records",
    metadata,
    Column("record", Number, primary_key=True, autoincrement=False),
    Column("kind", String(20), nullable=False),
    Column("org", Integer, nullable=False),
    Column("id", String(64), nullable=False),
    Column("index", BigInteger, nullable=False),  # the current statement, the last one not excluded; never goes back
    Column("body_index", BigInteger, nullable=False),  # the statement whose body is shown
    Column("marking", String(20), nullable=False),
    Column("withdrawn", Boolean, nullable=False),
    Column("published", String(24), nullable=False),  # the current statement's time: the author's claim
    Column("title", Text, nullable=False),
    Column("state", String(40), nullable=True),  # status word of the record itself: need_status, activity_status, …
    Column("review_due", String(10), nullable=True),
    Column("excluded_index", BigInteger, nullable=True),  # a later version that was left out of the view
    # What the current statement says was signed by a key after its last good sequence: out of the view.
    Column("disputed", Boolean, nullable=False, server_default=false()),
    Column("erased", Boolean, nullable=False, server_default=false()),  # the body that was shown is destroyed
    Column("held", Boolean, nullable=False, server_default=true()),  # at a regional hub false where the body is not
    Column("tag", BigInteger, nullable=False),  # what it is found by: eight bytes of a hash of its address
)


def shown() -> list[ColumnElement[bool]]:
    """Give the conditions under which a record counts: not ended, disputed or erased, and its body is held here."""
    ends = (records.c.withdrawn, records.c.disputed, records.c.erased)
    return [*(each.is_(False) for each in ends), records.c.held.is_(True)]


Index("records_by_address", records.c.tag)
Index("records_in_log_order", records.c.index)
Index("records_of_kind", records.c.kind, records.c.index)
Index("records_of_organization", records.c.org, records.c.index)

record_places = Table(
    "record_places",
    metadata,
    Column("place", String(8), primary_key=True),  # alpha-3, or M49 for a region
    Column("record", Number, primary_key=True),
    sqlite_with_rowid=False,
)
Index("places_of_record", record_places.c.record)

record_themes = Table(
    "record_themes",
    metadata,
    Column("scheme", String(40), primary_key=True),
    Column("code", String(40), primary_key=True),
    Column("record", Number, primary_key=True),
    sqlite_with_rowid=False,
)
Index("themes_of_record", record_themes.c.record)

# What the matrix is counted from: needs, low ratings, activities and offers, one row for each place and theme.
coverage = Table(
    "coverage",
    metadata,
    Column("record", Number, primary_key=True),
    Column("line", SmallInteger, primary_key=True),
    Column("role", String(10), nullable=False),  # need · rating · activity · offer
    Column("place", String(8), nullable=False),
    Column("scheme", String(40), nullable=False),
    Column("code", String(40), nullable=False),
    Column("mode", String(40), nullable=True),
    Column("starts", String(10), nullable=True),
    Column("ends", String(10), nullable=True),
    Column("joined", Text, nullable=True),  # addresses it is joined with or answers, a space between
    Column("provider", Text, nullable=True),  # organization ids, LF between them
    sqlite_with_rowid=False,
)
Index("coverage_of_cell", coverage.c.scheme, coverage.c.place, coverage.c.code)

# The view's lines for its digest, folded in later and in bulk: a change whose index is at or beyond the cursor
# `view_lines` counts instead of the line here (hub/view_lines.py).
view_lines = Table(
    "view_lines",
    metadata,
    Column("bucket", SmallInteger, primary_key=True, autoincrement=False),
    Column("address", String(126), primary_key=True),  # kind/org/id
    Column("hash", LargeBinary(32), nullable=False),  # of the statement at records.index
    sqlite_with_rowid=False,
)

# Refused messages, kept whole. Not attributable: anybody may have sent them.
quarantine = Table(
    "quarantine",
    metadata,
    Column("number", Number, primary_key=True, autoincrement=True),
    Column("at", String(24), nullable=False),
    Column("bus_organization", String(40), nullable=False),
    Column("bus_kind", String(40), nullable=False),
    Column("reason", String(40), nullable=False),
    Column("found", Text, nullable=False),
    Column("expected", Text, nullable=False),
    Column("sequence", BigInteger, nullable=True),
    Column("digest", LargeBinary(32), nullable=False),
    Column("token", LargeBinary, nullable=False),
    Column("body", LargeBinary, nullable=True),
    Column("times", Integer, nullable=False),
    UniqueConstraint("digest", "reason"),
)
Index("quarantine_of_organization", quarantine.c.bus_organization, quarantine.c.number)

# How often anything was refused, by reason: it only grows, while the quarantine forgets its oldest messages.
refusals = Table(
    "refusals",
    metadata,
    Column("reason", String(40), primary_key=True),
    Column("times", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

# How far each reader of the log inside the hub has come: the next index it will read.
cursors = Table(
    "cursors",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("position", BigInteger, nullable=False),
)

# What a command asks of the running hub, which alone may write to the log, and what became of it.
submissions = Table(
    "submissions",
    metadata,
    Column("number", Number, primary_key=True, autoincrement=True),
    Column("what", String(10), nullable=False),  # action · retry
    Column("body", LargeBinary, nullable=False),
    Column("done", Boolean, nullable=False),
    Column("answer", Text, nullable=True),
    Column("error", Text, nullable=True),
)

# Who may read more than TLP:CLEAR: SHA-256 of each token, never the token.
access_tokens = Table(
    "access_tokens",
    metadata,
    Column("digest", LargeBinary(32), primary_key=True),
    Column("role", String(10), nullable=False),  # member · operator
    Column("name", String(200), nullable=False),
    Column("created", String(24), nullable=False),
)
