"""Disputed records, and the log's control statements by index."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Upgrade."""
    op.add_column("records", sa.Column("disputed", sa.Boolean(), nullable=False, server_default=sa.false()))
    of_control = sa.text("kind = 'control'")
    op.create_index(
        "log_of_control", "log", ["index"], unique=False, sqlite_where=of_control, postgresql_where=of_control
    )
