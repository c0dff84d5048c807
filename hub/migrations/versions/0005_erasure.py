"""orders to erase, what is erased, and who has confirmed it."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "erasures",
        sa.Column("index", NUMBER, autoincrement=False, nullable=False),
        sa.Column("org", sa.Integer(), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("record", sa.String(length=150), nullable=True),
        sa.Column("done_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("index"),
        sa.UniqueConstraint("hash"),
    )
    op.create_index("erasures_of_organization", "erasures", ["org", "index"])
    op.create_table(
        "erased",
        sa.Column("index", NUMBER, autoincrement=False, nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("ordered_at", sa.BigInteger(), nullable=True),
        sa.Column("recipients", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("index"),
        sa.UniqueConstraint("hash"),
    )
    op.create_index("erased_by_order", "erased", ["ordered_at"])
    op.create_table(
        "confirmations",
        sa.Column("order", NUMBER, autoincrement=False, nullable=False),
        sa.Column("org", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("index", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("order", "org"),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("records") as batch_op:
        batch_op.add_column(sa.Column("erased", sa.Boolean(), nullable=False, server_default=sa.false()))
