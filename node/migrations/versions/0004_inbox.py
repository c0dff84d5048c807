"""Named readers of records, the organizations that can be, what others said to us, and sources of findings."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Upgrade."""
    with op.batch_alter_table("records", schema=None) as batch_op:
        batch_op.add_column(sa.Column("recipients", sa.Text(), nullable=True))
    op.create_table(
        "members",
        sa.Column("organization", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("standing", sa.String(length=10), nullable=False),
        sa.Column("encryption", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("organization"),
    )
    op.create_table(
        "inbox_queue",
        sa.Column("index", number, autoincrement=False, nullable=False),
        sa.Column("token", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("index"),
    )
    op.create_table(
        "inbox",
        sa.Column("index", number, autoincrement=False, nullable=False),
        sa.Column("org", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("action", sa.String(length=20), nullable=False),
        sa.Column("marking", sa.String(length=20), nullable=False),
        sa.Column("time", sa.String(length=24), nullable=False),
        sa.Column("statement", sa.LargeBinary(length=32), nullable=False),
        sa.Column("datahash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("readers", sa.Text(), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.Column("problems", sa.Text(), nullable=False),
        sa.Column("superseded", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("index"),
    )
    with op.batch_alter_table("inbox", schema=None) as batch_op:
        batch_op.create_index("inbox_of_record", ["org", "kind", "id"], unique=False)
    op.create_table(
        "commitments",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("addresses", sa.Text(), nullable=False),
        sa.Column("salt", sa.LargeBinary(length=32), nullable=False),
        sa.Column("commitment", sa.String(length=43), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
