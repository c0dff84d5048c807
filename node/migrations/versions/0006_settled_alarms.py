"""Alarms that a person settles, and the place to which reading goes back then."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Upgrade."""
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    connection = op.get_bind()
    before = connection.execute(
        sa.text("SELECT digest, name, text, size, evidence, at FROM alarms ORDER BY at, digest")
    ).all()
    op.drop_table("alarms")  # few rows, of which each gets a number
    alarms = op.create_table(
        "alarms",
        sa.Column("number", number, autoincrement=True, nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("evidence", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.String(length=24), nullable=False),
        sa.Column("settled", sa.String(length=24), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("number"),
    )
    if before:
        op.bulk_insert(alarms, [row._asdict() for row in before])
    op.create_table(
        "proven",
        sa.Column("one", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("roots", sa.LargeBinary(), nullable=False),
        sa.Column("own", sa.BigInteger(), nullable=False),
        sa.Column("astray", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("one"),
    )
    astray = any(row.name == "split-view" for row in before)
    if astray:
        # It is not known what of it belongs to which history: the log is read again, and compared with what was cosigned.
        op.execute("UPDATE log_position SET size = 0, roots = '', own = 0")
        op.execute("DELETE FROM registry_statements")
        op.execute('UPDATE statements SET "index" = NULL')
        op.execute(sa.text("UPDATE checkpoints SET verified = :no").bindparams(sa.bindparam("no", False, sa.Boolean())))
    position = sa.table("log_position", sa.column("one"), sa.column("size"), sa.column("roots"), sa.column("own"))
    op.execute(
        sa.insert(
            sa.table("proven", *(sa.column(name) for name in ("one", "size", "roots", "own", "astray")))
        ).from_select(
            ["one", "size", "roots", "own", "astray"],
            sa.select(
                position.c.one, position.c.size, position.c.roots, position.c.own, sa.true() if astray else sa.false()
            ),
        )
    )
