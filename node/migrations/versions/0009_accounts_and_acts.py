"""accounts, sessions and log-ins of people; what people, commands and programs did."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "accounts",
        sa.Column("number", NUMBER, autoincrement=True, nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("person", sa.String(length=200), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("password", sa.Text(), nullable=True),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.Column("created", sa.String(length=24), nullable=False),
        sa.Column("code", sa.LargeBinary(length=32), nullable=True),
        sa.Column("code_ends", sa.String(length=24), nullable=True),
        sa.Column("last_log_in", sa.String(length=24), nullable=True),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("name"),
        sa.UniqueConstraint("code"),
    )
    op.create_table(
        "sessions",
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("account", NUMBER, nullable=True),
        sa.Column("token", sa.LargeBinary(length=32), nullable=True),
        sa.Column("begun", sa.String(length=24), nullable=False),
        sa.Column("used", sa.String(length=24), nullable=False),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_index("sessions_of_account", "sessions", ["account"])
    op.create_index("sessions_of_token", "sessions", ["token"])
    op.create_table(
        "known_browsers",
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("account", NUMBER, nullable=False),
        sa.Column("seen", sa.String(length=24), nullable=False),
        sa.PrimaryKeyConstraint("digest"),
        sqlite_with_rowid=False,
    )
    op.create_index("browsers_of_account", "known_browsers", ["account"])
    op.create_table(
        "back_off",
        sa.Column("key", sa.LargeBinary(length=32), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last", sa.String(length=24), nullable=False),
        sa.Column("until", sa.String(length=24), nullable=False),
        sa.PrimaryKeyConstraint("key"),
        sqlite_with_rowid=False,
    )
    op.create_index("back_off_by_time", "back_off", ["last"])
    op.create_table(
        "log_ins",
        sa.Column("number", NUMBER, autoincrement=True, nullable=False),
        sa.Column("at", sa.String(length=24), nullable=False),
        sa.Column("account", NUMBER, nullable=True),
        sa.Column("name", sa.String(length=200), nullable=True),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_table(
        "acts",
        sa.Column("number", NUMBER, autoincrement=True, nullable=False),
        sa.Column("at", sa.String(length=24), nullable=False),
        sa.Column("account", NUMBER, nullable=True),
        sa.Column("who", sa.String(length=200), nullable=False),
        sa.Column("act", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_index("acts_of_act", "acts", ["act", "number"])
