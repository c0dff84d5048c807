"""Access tokens of people: in whose name each acts, with which roles, until when; those of before stay as they are."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Upgrade."""
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.add_column("access_tokens", sa.Column("account", number, nullable=True))
    op.add_column("access_tokens", sa.Column("role", sa.String(length=40), nullable=True))
    op.add_column("access_tokens", sa.Column("ends", sa.String(length=24), nullable=True))
