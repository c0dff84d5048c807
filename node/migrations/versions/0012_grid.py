"""The grid of own records with its search words, batches of changes, and mappings that are remembered."""

from datetime import date

import orjson
import sqlalchemy as sa
from alembic import op

from node.store.words import search_ddl, write_words
from schemas.facets import facets
from schemas.freshness import review_due
from schemas.words import fold, index_words

revision = "0012"
down_revision = "0011"

STEP = 500


def upgrade() -> None:
    """Upgrade."""
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    grid = op.create_table(
        "grid",
        sa.Column("number", number, autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("marking", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=True),
        sa.Column("changed", sa.String(length=24), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("title_key", sa.String(length=80), nullable=False),
        sa.Column("due", sa.String(length=10), nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_index("grid_by_changed", "grid", ["changed", "number"])
    op.create_index("grid_by_title", "grid", ["title_key", "number"])
    op.create_index("grid_by_kind", "grid", ["kind", "title_key", "number"])
    op.create_index("grid_by_due", "grid", ["due", "number"])
    op.create_index("grid_of_record", "grid", ["kind", "id"])
    op.create_index("grid_counts", "grid", ["state", "kind", "marking"])
    marks = op.create_table(
        "grid_marks",
        sa.Column("mark", sa.String(length=80), nullable=False),
        sa.Column("number", number, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("mark", "number"),
    )
    op.create_index("grid_marks_of_record", "grid_marks", ["number"])
    op.create_table(
        "batches",
        sa.Column("number", number, autoincrement=True, nullable=False),
        sa.Column("sort", sa.String(length=10), nullable=False),
        sa.Column("owner", sa.BigInteger(), nullable=False),
        sa.Column("owner_name", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("work", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=True),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("began", sa.String(length=24), nullable=False),
        sa.Column("expires", sa.String(length=24), nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_table(
        "mappings",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("toml", sa.Text(), nullable=False),
        sa.Column("columns", sa.Text(), nullable=False),
        sa.Column("saved", sa.String(length=24), nullable=False),
        sa.Column("saved_by", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    connection = op.get_bind()
    for statement in search_ddl(connection.dialect.name):
        op.execute(statement)
    _fill(connection, grid, marks)


def _fill(connection: sa.Connection, grid: sa.Table, marks: sa.Table) -> None:
    names = ("number", "kind", "id", "marking", "state", "sequence", "changed", "record")
    records = sa.table("records", *[sa.column(name) for name in names])
    last = 0
    while True:
        query = sa.select(records).where(records.c.number > last, records.c.state != "erased")
        found = connection.execute(query.order_by(records.c.number).limit(STEP)).all()
        if not found:
            return
        last = found[-1].number
        rows, about, words = [], [], []
        for each in found:
            record = orjson.loads(bytes(each.record))
            facet = facets(each.kind, record)
            due = review_due(each.kind, record, date.fromisoformat(each.changed[:10]))
            title = " ".join(facet.title.split())[:200]
            rows.append({
                **{name: getattr(each, name) for name in names[:7]}, "title": title, "title_key": fold(title)[:80],
                "due": due.isoformat() if due is not None and each.state == "current" else "9999-12-31",
            })  # fmt: skip
            said = [f"theme:{scheme}:{code}" for scheme, code in facet.themes] + [f"place:{c}" for c in facet.places]
            about += [{"mark": mark, "number": each.number} for mark in dict.fromkeys(said)]
            words.append((each.number, index_words(f"{facet.title}\n{each.id}\n{facet.text}")))
        connection.execute(sa.insert(grid), rows)
        if about:
            connection.execute(sa.insert(marks), about)
        write_words(connection, words)
