"""A subscription's place says of which log it is; and beside a webhook stands who is told when it is paused."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.add_column("subscription_targets", sa.Column("log", sa.Text(), nullable=True))
    op.add_column(
        "subscription_targets", sa.Column("role", sa.String(10), nullable=False, server_default=sa.text("'events'"))
    )
