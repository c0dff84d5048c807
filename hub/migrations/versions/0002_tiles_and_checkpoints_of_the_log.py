"""tiles and checkpoints of the log; a log that was written before gets its tiles."""

import sqlalchemy as sa
from alembic import op

from hub.body_tags import fill_tags
from hub.tree import fill_tiles

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "tiles",
        sa.Column("level", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("hashes", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("level", "number"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "checkpoints",
        sa.Column("size", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("root", sa.LargeBinary(length=32), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=False),
        sa.Column("quorum", sa.Boolean(), nullable=False),
        sa.Column("at", sa.String(length=24), nullable=False),
        sa.PrimaryKeyConstraint("size"),
    )
    fill_tiles(op.get_bind())
    with op.batch_alter_table("bodies") as batch_op:
        batch_op.add_column(sa.Column("tag", sa.BigInteger(), nullable=False, server_default="0"))
    fill_tags(op.get_bind())
    op.create_index("bodies_by_hash", "bodies", ["tag"])
