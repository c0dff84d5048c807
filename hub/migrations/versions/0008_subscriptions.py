"""Subscriptions by webhook and mail, where each goes and how far it has come, and what became of it."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def number() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "subscriptions",
        sa.Column("number", number(), autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("owner", sa.String(length=80), nullable=False),
        sa.Column("granted", sa.String(length=10), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("filters", sa.Text(), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("rhythm", sa.String(length=10), nullable=False),
        sa.Column("hour", sa.SmallInteger(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.Column("secret", sa.Integer(), nullable=False),
        sa.Column("rotated", sa.String(length=24), nullable=True),
        sa.Column("created", sa.String(length=24), nullable=False),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("id"),
    )
    op.create_index("subscriptions_of_owner", "subscriptions", ["owner"])
    op.create_table(
        "subscription_targets",
        sa.Column("number", number(), autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("subscription", sa.BigInteger(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.Column("cursor", sa.BigInteger(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("next_run", sa.String(length=24), nullable=True),
        sa.Column("failing_since", sa.String(length=24), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.String(length=200), nullable=True),
        sa.Column("delivered_at", sa.String(length=24), nullable=True),
        sa.Column("expires", sa.String(length=24), nullable=True),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("id"),
    )
    op.create_index("targets_of_subscription", "subscription_targets", ["subscription"])
    op.create_index("targets_by_address", "subscription_targets", ["address"])
    op.create_table(
        "subscription_deliveries",
        sa.Column("number", number(), autoincrement=True, nullable=False),
        sa.Column("target", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.String(length=24), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("message_id", sa.String(length=80), nullable=False),
        sa.Column("index", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("milliseconds", sa.Integer(), nullable=False),
        sa.Column("response", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_index("deliveries_of_target", "subscription_deliveries", ["target", "number"])
    op.create_table(
        "subscription_outcomes",
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("times", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("outcome"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "confirmation_mails",
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", "address"),
        sqlite_with_rowid=False,
    )
