"""The tables of what records are found by. Trusted for nothing: folded from the log, at any time anew."""

from sqlalchemy import (
    BigInteger,
    BindParameter,
    Boolean,
    Column,
    ColumnElement,
    Index,
    Integer,
    SmallInteger,
    String,
    Table,
    Text,
    bindparam,
    or_,
    text,
)

from hub.tables import Number, metadata, records, shown

# What records are found by, folded from the log behind the intake (hub/finding), beside the index of their words.
listings = Table(
    "listings",
    metadata,
    Column("index", Number, primary_key=True, autoincrement=False),  # of the current statement, as in `records`
    Column("record", Number, nullable=False, unique=True),
    Column("kind", String(20), nullable=False),
    Column("marking", String(20), nullable=False),
    Column("stands", Boolean, nullable=False),  # counted in facets
    Column("terms", Text, nullable=False),  # a space between
    Column("cells", Text, nullable=False),  # of the matrix: scheme place code, LF between
    Column("joint", Text, nullable=False),  # partners of a joint programme, a space between
)


def ended() -> ColumnElement[bool]:
    """Give the condition that something other than its owner's own word about it ended a record."""
    return or_(records.c.disputed.is_(True), records.c.erased.is_(True))


# Written as the condition above is, or the index would not be used.
Index(
    "records_ended", records.c.index,
    sqlite_where=text("disputed IS 1 OR erased IS 1"), postgresql_where=text("disputed IS true OR erased IS true"),
)  # fmt: skip

# Of these somebody relies on every one: a contact that nobody answers, a need that is none any more.
RELIED_ON = ("contact", "need")


def relied_on() -> list[ColumnElement[bool]]:
    """Give the conditions of a record that stands and on which somebody relies."""
    kinds: BindParameter[str] = bindparam("relied_on", RELIED_ON, expanding=True, literal_execute=True)
    return [records.c.kind.in_(kinds), *shown()]


# Those overdue longest come first, by who may see them. Written as the conditions above are.
_RELIED_ON = (
    "kind IN ('contact', 'need') AND withdrawn IS {no} AND disputed IS {no} AND erased IS {no} AND held IS {yes}"
)
Index(
    "records_to_review", records.c.marking, records.c.review_due, records.c.index,
    sqlite_where=text(_RELIED_ON.format(no=0, yes=1)),
    postgresql_where=text(_RELIED_ON.format(no="false", yes="true")),
)  # fmt: skip

# How many records that stand have a term, so that no facet need count a million.
facet_counts = Table(
    "facet_counts",
    metadata,
    Column("kind", String(20), primary_key=True),
    Column("marking", String(20), primary_key=True),
    Column("term", String(130), primary_key=True),
    Column("records", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

# The matrix, judged cell by cell for each audience; those in `stale_cells` are judged anew before they are told.
matrix_cells = Table(
    "matrix_cells",
    metadata,
    Column("audience", SmallInteger, primary_key=True, autoincrement=False),  # how many markings it sees
    Column("scheme", String(40), primary_key=True),
    Column("place", String(8), primary_key=True),
    Column("code", String(40), primary_key=True),
    Column("needs", Integer, nullable=False),
    Column("ratings_below", Integer, nullable=False),
    Column("state", String(24), nullable=False),
    Column("providers", Text, nullable=False),  # organization ids, LF between them
    Column("offers", Text, nullable=False),  # numbers of records, a space between
    Column("regional", Text, nullable=False),  # of a region: who covers it, LF between them
    Column("changed", BigInteger, nullable=False),  # version at which it was judged
    sqlite_with_rowid=False,
)
Index("cells_changed", matrix_cells.c.audience, matrix_cells.c.scheme, matrix_cells.c.changed)
stale_cells = Table(
    "stale_cells",
    metadata,
    Column("scheme", String(40), primary_key=True),
    Column("place", String(8), primary_key=True),
    Column("code", String(40), primary_key=True),
    sqlite_with_rowid=False,
)

# What the matrix of one publisher is counted from: lines of `coverage` that stand, those of a publisher side by side.
publisher_lines = Table(
    "publisher_lines",
    metadata,
    Column("org", Integer, primary_key=True, autoincrement=False),
    Column("scheme", String(40), primary_key=True),  # empty: in no cell
    Column("record", Number, primary_key=True),
    Column("line", SmallInteger, primary_key=True),
    Column("marking", String(20), nullable=False),
    Column("id", String(64), nullable=False),
    Column("role", String(10), nullable=False),
    Column("place", String(8), nullable=False),
    Column("code", String(40), nullable=False),
    Column("mode", String(40), nullable=True),
    Column("starts", String(10), nullable=True),
    Column("ends", String(10), nullable=True),
    Column("joined", Text, nullable=True),
    Column("provider", Text, nullable=True),
    sqlite_with_rowid=False,
)
Index("publisher_lines_of_record", publisher_lines.c.record)

# Which records say that they answer a need, by its address.
answers = Table(
    "answers",
    metadata,
    Column("need", String(126), primary_key=True),
    Column("record", Number, primary_key=True),
    sqlite_with_rowid=False,
)
Index("answers_of_record", answers.c.record)
