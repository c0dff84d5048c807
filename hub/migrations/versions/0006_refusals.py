"""How often anything was refused, by reason: it only grows, while the quarantine forgets its oldest messages."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "refusals",
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("times", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("reason"),
        sqlite_with_rowid=False,
    )
    op.execute("INSERT INTO refusals (reason, times) SELECT reason, SUM(times) FROM quarantine GROUP BY reason")
