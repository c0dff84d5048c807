"""Who opened a letter first; own records that answer a need; how long offers hold; an index to count facets by."""

from typing import Any

import orjson
import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

STEP = 500
KINDS = ("activity", "offer", "priority")


def upgrade() -> None:
    """Upgrade."""
    op.add_column("inbox", sa.Column("read_at", sa.String(length=24), nullable=True))
    op.add_column("inbox", sa.Column("read_by", sa.String(length=200), nullable=True))
    op.create_index("inbox_unread", "inbox", ["read_at", "superseded", "index"])
    op.add_column("drafts", sa.Column("answers", sa.String(length=120), nullable=True))
    op.add_column("grid", sa.Column("holds", sa.String(length=10), nullable=True))
    op.drop_index("grid_counts", "grid")
    op.create_index("grid_counts", "grid", ["state", "kind", "marking", "due", "sequence"])
    op.create_index("grid_holds", "grid", ["kind", "holds"])
    answers = op.create_table(
        "answers",
        sa.Column("need", sa.String(length=120), nullable=False),
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("said", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("need", "number"),
    )
    op.create_index("answers_of_record", "answers", ["number"])
    _fill(op.get_bind(), answers)


def _fill(connection: sa.Connection, answers: sa.Table) -> None:
    records = sa.table("records", *[sa.column(name) for name in ("number", "kind", "state", "record")])
    grid = sa.table("grid", sa.column("number"), sa.column("holds"))
    last = 0
    while True:
        query = sa.select(records).where(records.c.number > last, records.c.kind.in_(KINDS))
        found = connection.execute(
            query.where(records.c.state != "erased").order_by(records.c.number).limit(STEP)
        ).all()
        if not found:
            return
        last = found[-1].number
        for each in found:
            record = orjson.loads(bytes(each.record))
            holds = _holds(each.kind, record)
            if holds is not None:
                connection.execute(sa.update(grid).where(grid.c.number == each.number).values(holds=holds))
            needs = [need for need in dict.fromkeys(record.get("answers_needs") or ()) if need.startswith("need/")]
            rows = [{"need": need, "number": each.number, "said": True} for need in needs]
            if rows:
                connection.execute(sa.insert(answers), rows)


def _holds(kind: str, record: dict[str, Any]) -> str | None:
    last = {"offer": "available_until", "priority": "period_end"}.get(kind)
    if last is None or (kind == "offer" and not record["open"]):
        return None
    return str(record.get(last) or "9999-12-31")
