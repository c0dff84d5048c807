"""Drafts of people, what waits for a second person, and the day by which each record is to be confirmed."""

from datetime import date

import orjson
import sqlalchemy as sa
from alembic import op

from schemas.freshness import review_due

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Upgrade."""
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "drafts",
        sa.Column("number", number, autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=True),
        sa.Column("owner", sa.BigInteger(), nullable=False),
        sa.Column("owner_name", sa.String(length=200), nullable=False),
        sa.Column("entry", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("began", sa.String(length=24), nullable=False),
        sa.Column("changed", sa.String(length=24), nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_index("drafts_of_owner", "drafts", ["owner", "number"])
    op.create_index("drafts_in_state", "drafts", ["state", "number"])
    op.add_column("records", sa.Column("review_due", sa.String(length=10), nullable=True))
    op.create_index("records_due", "records", ["review_due"])
    op.create_index("records_in_sequence", "records", ["sequence"])
    _fill(op.get_bind())


def _fill(connection: sa.Connection) -> None:
    names = ("number", "kind", "record", "state", "changed", "review_due")
    records = sa.table("records", *[sa.column(name) for name in names])
    query = sa.select(records.c.number, records.c.kind, records.c.record, records.c.changed)
    for number, kind, record, changed in connection.execute(query.where(records.c.state == "current")).all():
        due = review_due(kind, orjson.loads(bytes(record)), date.fromisoformat(changed[:10]))
        if due is not None:
            filled = sa.update(records).where(records.c.number == number).values(review_due=due.isoformat())
            connection.execute(filled)
