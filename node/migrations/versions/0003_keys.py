"""Which keys speak."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Upgrade."""
    op.create_table(
        "keys",
        sa.Column("one", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("key_set", sa.Integer(), nullable=False),
        sa.Column("signing", sa.String(length=43), nullable=True),
        sa.Column("following", sa.String(length=43), nullable=True),
        sa.Column("before", sa.String(length=43), nullable=True),
        sa.Column("rotated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("one"),
    )
