"""Tables of accounts. Trusted for who may log in: whoever can modify them can let anybody in, as anybody.

Not trusted for what was said: no account signs anything. Of passwords, codes and cookies there are only hashes.
"""

from sqlalchemy import Boolean, Column, Index, Integer, LargeBinary, String, Table, Text

from hub.tables import Number, metadata

# People whom an operator has named. `password`: argon2id in PHC form; none before the first log-in.
accounts = Table(
    "accounts",
    metadata,
    Column("number", Number, primary_key=True, autoincrement=True),
    Column("name", String(100), nullable=False, unique=True),  # what is typed at log-in, folded
    Column("person", String(200), nullable=False),
    Column("role", String(10), nullable=False),  # member · operator
    Column("password", Text, nullable=True),
    Column("disabled", Boolean, nullable=False),
    Column("created", String(24), nullable=False),
    Column("code", LargeBinary(32), nullable=True, unique=True),  # SHA-256 of the one-time code
    Column("code_ends", String(24), nullable=True),
    Column("last_log_in", String(24), nullable=True),
)

# Who is logged in. The cookie's SHA-256, never the cookie. One of `account` and `token` says whose it is.
sessions = Table(
    "sessions",
    metadata,
    Column("digest", LargeBinary(32), primary_key=True),
    Column("account", Number, nullable=True),
    Column("token", LargeBinary(32), nullable=True),  # digest of an access token
    Column("begun", String(24), nullable=False),
    Column("used", String(24), nullable=False),
)
Index("sessions_of_account", sessions.c.account)
Index("sessions_of_token", sessions.c.token)

# Browsers that have logged in before: others' failures do not make their owners wait.
known_browsers = Table(
    "known_browsers",
    metadata,
    Column("digest", LargeBinary(32), primary_key=True),
    Column("account", Number, nullable=False),
    Column("seen", String(24), nullable=False),
    sqlite_with_rowid=False,
)
Index("browsers_of_account", known_browsers.c.account)

# How long somebody must wait before the next attempt: by account, by address, by known browser.
back_off = Table(
    "back_off",
    metadata,
    Column("key", LargeBinary(32), primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("last", String(24), nullable=False),
    Column("until", String(24), nullable=False),
    sqlite_with_rowid=False,
)
Index("back_off_by_time", back_off.c.last)

# Every attempt to log in, the newest 20,000. A name that is no account's is not kept: it may be a password.
log_ins = Table(
    "log_ins",
    metadata,
    Column("number", Number, primary_key=True, autoincrement=True),
    Column("at", String(24), nullable=False),
    Column("account", Number, nullable=True),
    Column("name", String(200), nullable=True),  # of the account, or of the token
    Column("outcome", String(20), nullable=False),
    Column("address", String(64), nullable=False),
)
