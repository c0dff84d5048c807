"""Tables of accounts. Trusted for who may log in: whoever can modify them can let anybody in, as anybody.

Not trusted for what was said: no account signs anything. Of passwords, codes and cookies there are only hashes.
"""

from typing import NamedTuple

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, MetaData, String, Table, Text

# On SQLite only a column of type INTEGER is the row id itself.
Number = BigInteger().with_variant(Integer, "sqlite")


class Tables(NamedTuple):
    """The tables of one service. `tokens` are its access tokens (digest, name, role), if they begin sessions."""

    accounts: Table
    sessions: Table
    known_browsers: Table
    back_off: Table
    log_ins: Table
    tokens: Table | None = None


def create_tables(metadata: MetaData, *, role_length: int = 10, tokens: Table | None = None) -> Tables:
    """Put the tables into a service's metadata; its migrations make them."""
    return Tables(
        _accounts(metadata, role_length), _sessions(metadata), _known_browsers(metadata), _back_off(metadata),
        _log_ins(metadata), tokens,
    )  # fmt: skip


def _accounts(metadata: MetaData, role_length: int) -> Table:
    """People whom somebody has named. `password`: argon2id in PHC form; none before the first log-in."""
    return Table(
        "accounts",
        metadata,
        Column("number", Number, primary_key=True, autoincrement=True),
        Column("name", String(100), nullable=False, unique=True),  # what is typed at log-in, folded
        Column("person", String(200), nullable=False),
        Column("role", String(role_length), nullable=False),  # a word of the service's own
        Column("password", Text, nullable=True),
        Column("disabled", Boolean, nullable=False),
        Column("created", String(24), nullable=False),
        Column("code", LargeBinary(32), nullable=True, unique=True),  # SHA-256 of the one-time code
        Column("code_ends", String(24), nullable=True),
        Column("last_log_in", String(24), nullable=True),
    )


def _sessions(metadata: MetaData) -> Table:
    """Who is logged in. The cookie's SHA-256, never the cookie. One of `account` and `token` says whose it is."""
    table = Table(
        "sessions",
        metadata,
        Column("digest", LargeBinary(32), primary_key=True),
        Column("account", Number, nullable=True),
        Column("token", LargeBinary(32), nullable=True),  # digest of an access token
        Column("begun", String(24), nullable=False),
        Column("used", String(24), nullable=False),
    )
    Index("sessions_of_account", table.c.account)
    Index("sessions_of_token", table.c.token)
    return table


def _known_browsers(metadata: MetaData) -> Table:
    """Browsers that have logged in before: others' failures do not make their owners wait."""
    table = Table(
        "known_browsers",
        metadata,
        Column("digest", LargeBinary(32), primary_key=True),
        Column("account", Number, nullable=False),
        Column("seen", String(24), nullable=False),
        sqlite_with_rowid=False,
    )
    Index("browsers_of_account", table.c.account)
    return table


def _back_off(metadata: MetaData) -> Table:
    """How long somebody must wait before the next attempt: by account, by address, by known browser."""
    table = Table(
        "back_off",
        metadata,
        Column("key", LargeBinary(32), primary_key=True),
        Column("failures", Integer, nullable=False),
        Column("last", String(24), nullable=False),
        Column("until", String(24), nullable=False),
        sqlite_with_rowid=False,
    )
    Index("back_off_by_time", table.c.last)
    return table


def _log_ins(metadata: MetaData) -> Table:
    """Every attempt to log in, the newest 20,000. A name that is no account's is not kept: it may be a password."""
    return Table(
        "log_ins",
        metadata,
        Column("number", Number, primary_key=True, autoincrement=True),
        Column("at", String(24), nullable=False),
        Column("account", Number, nullable=True),
        Column("name", String(200), nullable=True),  # of the account, or of the token
        Column("outcome", String(20), nullable=False),
        Column("address", String(64), nullable=False),
    )
