"""the view's lines for its digest; a hub that starts fills them in from its view, which is how they are always filled."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "view_lines",
        sa.Column("bucket", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("address", sa.String(length=126), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("bucket", "address"),
        sqlite_with_rowid=False,
    )
