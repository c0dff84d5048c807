"""Bodies are found by their hash within a stretch of the log: what a batch writes does not grow with the log."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.drop_index("bodies_by_hash", "bodies")
    op.create_index("bodies_by_hash", "bodies", [sa.text('("index" >> 16)'), "tag"])
