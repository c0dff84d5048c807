"""What a witness keeps: its place in the log, the registry, checkpoints, what it cosigned, alarms."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Upgrade."""
    op.create_table(
        "log_position",
        sa.Column("one", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("roots", sa.LargeBinary(), nullable=False),
        sa.Column("own", sa.BigInteger(), nullable=False),
        sa.Column("target", sa.BigInteger(), nullable=False),
        sa.Column("trouble", sa.Text(), nullable=True),
        sa.Column("promised", sa.BigInteger(), nullable=False),
        sa.Column("promised_index", sa.BigInteger(), nullable=False),
        sa.Column("receipt", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("one"),
    )
    op.execute(
        "INSERT INTO log_position (one, size, roots, own, target, promised, promised_index)"
        " VALUES (1, 0, '', 0, 0, 0, -1)"
    )
    op.create_table(
        "registry_statements",
        sa.Column("index", number, autoincrement=False, nullable=False),
        sa.Column("token", sa.LargeBinary(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("index"),
    )
    op.create_table(
        "checkpoints",
        sa.Column("size", number, autoincrement=False, nullable=False),
        sa.Column("root", sa.LargeBinary(length=32), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=False),
        sa.Column("verified", sa.Boolean(), nullable=False),
        sa.Column("quorum", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("size"),
    )
    op.create_table(
        "cosigned",
        sa.Column("one", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("root", sa.LargeBinary(length=32), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.String(length=24), nullable=False),
        sa.PrimaryKeyConstraint("one"),
    )
    op.create_table(
        "alarms",
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("evidence", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.String(length=24), nullable=False),
        sa.PrimaryKeyConstraint("digest"),
    )
    with op.batch_alter_table("relay", schema=None) as batch_op:
        batch_op.add_column(sa.Column("witnessed", sa.BigInteger(), server_default="0", nullable=False))
    with op.batch_alter_table("statements", schema=None) as batch_op:
        batch_op.add_column(sa.Column("promised", sa.BigInteger(), nullable=True))
        batch_op.create_index("statements_in_log", ["index"], unique=False)
    # Until now the place was what a receipt had told; from now on it is what this node has read.
    op.execute('UPDATE statements SET promised = "index", "index" = NULL')
    # What had a receipt is proven now: it waits in the outbox until then.
    op.execute(
        "INSERT INTO outbox (sequence, since) SELECT sequence, time FROM statements"
        " WHERE sequence NOT IN (SELECT sequence FROM outbox)"
    )
