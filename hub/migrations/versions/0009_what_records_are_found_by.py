"""what records are found by: listings, facet counts, cells of the matrix; the words' index in the order of the log."""

import sqlalchemy as sa
from alembic import op

from hub.search import search_ddl

revision = "0009"
down_revision = "0008"

NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "listings",
        sa.Column("index", NUMBER, autoincrement=False, nullable=False),
        sa.Column("record", NUMBER, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("marking", sa.String(length=20), nullable=False),
        sa.Column("stands", sa.Boolean(), nullable=False),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.Column("cells", sa.Text(), nullable=False),
        sa.Column("joint", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("index"),
        sa.UniqueConstraint("record"),
    )
    op.create_table(
        "facet_counts",
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("marking", sa.String(length=20), nullable=False),
        sa.Column("term", sa.String(length=130), nullable=False),
        sa.Column("records", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "marking", "term"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "matrix_cells",
        sa.Column("audience", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("scheme", sa.String(length=40), nullable=False),
        sa.Column("place", sa.String(length=8), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("needs", sa.Integer(), nullable=False),
        sa.Column("ratings_below", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("providers", sa.Text(), nullable=False),
        sa.Column("offers", sa.Text(), nullable=False),
        sa.Column("regional", sa.Text(), nullable=False),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("audience", "scheme", "place", "code"),
        sqlite_with_rowid=False,
    )
    op.create_index("cells_changed", "matrix_cells", ["audience", "scheme", "changed"])
    op.create_table(
        "stale_cells",
        sa.Column("scheme", sa.String(length=40), nullable=False),
        sa.Column("place", sa.String(length=8), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("scheme", "place", "code"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "answers",
        sa.Column("need", sa.String(length=126), nullable=False),
        sa.Column("record", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("need", "record"),
        sqlite_with_rowid=False,
    )
    op.create_index("answers_of_record", "answers", ["record"])
    op.create_index(
        "records_ended", "records", ["index"],
        sqlite_where=sa.text("disputed IS 1 OR erased IS 1"),
        postgresql_where=sa.text("disputed IS true OR erased IS true"),
    )  # fmt: skip
    # The first question fills it again from the log.
    op.execute("DROP TABLE record_search")
    op.execute("DELETE FROM cursors WHERE name = 'search'")
    for statement in search_ddl(op.get_bind().dialect.name):
        op.execute(statement)
