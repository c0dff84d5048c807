"""PostgreSQL's index of words in stretches of the log; lines of one publisher side by side; what is due for review."""

import sqlalchemy as sa
from alembic import op

from hub.finding.stretches import make_room, table_ddl

revision = "0011"
down_revision = "0010"

_RELIED_ON = (
    "kind IN ('contact', 'need') AND withdrawn IS {no} AND disputed IS {no} AND erased IS {no} AND held IS {yes}"
)
# What is not folded yet is put there as it stands, and again when it is folded.
_LINES = """
    INSERT INTO publisher_lines
    SELECT r.org, c.scheme, c.record, c.line, r.marking, r.id, c.role, c.place, c.code, c.mode, c.starts, c.ends,
           c.joined, c.provider
    FROM coverage c JOIN records r ON r.record = c.record
    WHERE r.withdrawn IS FALSE AND r.disputed IS FALSE AND r.erased IS FALSE AND r.held IS TRUE
"""
NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_index(
        "records_to_review", "records", ["marking", "review_due", "index"],
        sqlite_where=sa.text(_RELIED_ON.format(no=0, yes=1)),
        postgresql_where=sa.text(_RELIED_ON.format(no="false", yes="true")),
    )  # fmt: skip
    op.create_table(
        "publisher_lines",
        sa.Column("org", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("scheme", sa.String(length=40), nullable=False),
        sa.Column("record", NUMBER, nullable=False),
        sa.Column("line", sa.SmallInteger(), nullable=False),
        sa.Column("marking", sa.String(length=20), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=10), nullable=False),
        sa.Column("place", sa.String(length=8), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("mode", sa.String(length=40), nullable=True),
        sa.Column("starts", sa.String(length=10), nullable=True),
        sa.Column("ends", sa.String(length=10), nullable=True),
        sa.Column("joined", sa.Text(), nullable=True),
        sa.Column("provider", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("org", "scheme", "record", "line"),
        sqlite_with_rowid=False,
    )
    op.execute(_LINES)
    op.create_index("publisher_lines_of_record", "publisher_lines", ["record"])
    connection = op.get_bind()
    if connection.dialect.name != "postgresql":
        return
    whole = sa.text("SELECT relkind FROM pg_class WHERE oid = 'record_search'::regclass")
    if connection.scalar(whole) == "p":  # of a new database
        return
    op.execute("DROP INDEX record_search_words")
    op.execute("ALTER TABLE record_search RENAME TO record_search_before")
    op.execute("ALTER TABLE record_search_before DROP CONSTRAINT record_search_pkey")
    table, index, *first = table_ddl()
    for statement in (table, *first):
        op.execute(statement)
    make_room(connection, connection.scalar(sa.text("SELECT coalesce(max(index), 0) FROM record_search_before")))
    op.execute("INSERT INTO record_search SELECT index, words FROM record_search_before")
    op.execute(index)  # filled first, it is made much faster
    op.execute("DROP TABLE record_search_before")
