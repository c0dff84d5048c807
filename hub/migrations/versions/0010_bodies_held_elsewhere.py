"""A regional hub does not hold every body: which records it knows by their statements alone, and what it waits for."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.add_column("records", sa.Column("held", sa.Boolean(), nullable=False, server_default=sa.true()))
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "awaited",
        sa.Column("index", number, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("index"),
    )
