"""Records are found by a number made of their address's hash: an index of whole addresses was three times as large."""

import hashlib

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

AT_ONCE = 10_000
NAMES = {"uq": "%(table_name)s_%(column_0_N_name)s_key"}  # as PostgreSQL names what has no name


def upgrade() -> None:
    op.add_column("records", sa.Column("tag", sa.BigInteger(), nullable=False, server_default="0"))
    _fill(op.get_bind())
    with op.batch_alter_table("records", naming_convention=NAMES) as batch_op:
        batch_op.alter_column("tag", server_default=None)
        batch_op.drop_constraint("records_kind_org_id_key", type_="unique")
    op.create_index("records_by_address", "records", ["tag"])


def _fill(connection: sa.Connection) -> None:
    found = connection.execute(sa.text("SELECT org, organization FROM organizations"))
    names: dict[int, str] = {row.org: row.organization for row in found}
    read = sa.text("SELECT record, kind, org, id FROM records WHERE record > :last ORDER BY record LIMIT :most")
    write = sa.text("UPDATE records SET tag = :tag WHERE record = :record")
    last = -1
    while rows := connection.execute(read, {"last": last, "most": AT_ONCE}).all():
        tags = [{"record": row.record, "tag": _tag(f"{row.kind}/{names[row.org]}/{row.id}")} for row in rows]
        connection.execute(write, tags)
        last = rows[-1].record


def _tag(address: str) -> int:
    return int.from_bytes(hashlib.sha256(address.encode()).digest()[:8], "big", signed=True)
