"""Where all chains end in the log, for a testimony; and logs that were put in the place of lost ones."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Upgrade."""
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "chain_ends",
        sa.Column("organization", sa.String(length=40), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("index", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("organization"),
    )
    op.create_table(
        "next_logs",
        sa.Column("number", number, autoincrement=True, nullable=False),
        sa.Column("vkey", sa.Text(), nullable=False),
        sa.Column("token", sa.LargeBinary(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("cosigned", sa.LargeBinary(), nullable=True),
        sa.Column("at", sa.String(length=24), nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )
    # Where the chains ended was not noted until now: the log is read again, and compared with what was cosigned.
    no = sa.bindparam("no", value=False, type_=sa.Boolean())
    op.execute("UPDATE log_position SET size = 0, roots = '', own = 0")
    op.execute(sa.text("UPDATE proven SET size = 0, roots = '', own = 0, astray = :no").bindparams(no))
    op.execute("DELETE FROM registry_statements")
    op.execute('UPDATE statements SET "index" = NULL')
    op.execute(sa.text("UPDATE checkpoints SET verified = :no").bindparams(no))
