"""Tables of subscriptions: no secret and no token is in them; those are made from a key in the state directory."""

from sqlalchemy import BigInteger, Column, Index, Integer, SmallInteger, String, Table, Text, text

from hub.tables import Number, metadata

# What somebody wants to be told. `owner` is who made it, `granted` the role that the owner had then.
subscriptions = Table(
    "subscriptions",
    metadata,
    Column("number", Number, primary_key=True, autoincrement=True),
    Column("id", String(24), nullable=False, unique=True),
    Column("owner", String(80), nullable=False),  # public · token:<digest> · account:<number>
    Column("granted", String(10), nullable=False),
    Column("name", String(200), nullable=False),
    Column("filters", Text, nullable=False),  # JSON: parameters of hub.filters.Filters
    Column("channel", String(10), nullable=False),  # webhook · mail
    Column("language", String(8), nullable=False),
    Column("rhythm", String(10), nullable=False),  # at-once · daily · weekly
    Column("hour", SmallInteger, nullable=False),  # UTC
    Column("state", String(10), nullable=False),  # awaiting · active · paused · stopped
    Column("reason", String(40), nullable=True),
    Column("secret", Integer, nullable=False),  # which of its secrets is in use, from 1
    Column("rotated", String(24), nullable=True),  # since when; the one before is still used for a day
    Column("created", String(24), nullable=False),
)
Index("subscriptions_of_owner", subscriptions.c.owner)

# Where it goes: the address of a webhook, or each recipient of a mail, with how far it has come by itself.
targets = Table(
    "subscription_targets",
    metadata,
    Column("number", Number, primary_key=True, autoincrement=True),
    Column("id", String(24), nullable=False, unique=True),
    Column("subscription", BigInteger, nullable=False),
    Column("address", Text, nullable=False),
    Column("state", String(10), nullable=False),  # awaiting · active · stopped
    Column("reason", String(40), nullable=True),
    # What it gets: events, or of a webhook the notices when it is paused or ended.
    Column("role", String(10), nullable=False, server_default=text("'events'")),
    Column("cursor", BigInteger, nullable=False),  # the next log index to look at
    Column("log", Text, nullable=True),  # of which log (hub/this_log.py); null: it was kept before this was asked
    Column("edition", Integer, nullable=False),  # grows when somebody changes it, so that the worker looks again
    Column("next_run", String(24), nullable=True),  # not before; null: at once
    Column("failing_since", String(24), nullable=True),
    Column("failures", Integer, nullable=False),
    Column("last_error", String(200), nullable=True),
    Column("delivered_at", String(24), nullable=True),
    Column("expires", String(24), nullable=True),  # until when it may be confirmed
)
Index("targets_of_subscription", targets.c.subscription)
Index("targets_by_address", targets.c.address)

# What was tried, the newest of each target.
deliveries = Table(
    "subscription_deliveries",
    metadata,
    Column("number", Number, primary_key=True, autoincrement=True),
    Column("target", BigInteger, nullable=False),
    Column("at", String(24), nullable=False),
    Column("kind", String(10), nullable=False),  # event · resend · test · reset · digest
    Column("message_id", String(80), nullable=False),
    Column("index", BigInteger, nullable=False),  # log index; of a digest the last one; -1 for a test or a reset
    Column("outcome", String(10), nullable=False),
    Column("status", Integer, nullable=True),
    Column("milliseconds", Integer, nullable=False),
    Column("response", Text, nullable=False),  # its first characters, or why there was none
)
Index("deliveries_of_target", deliveries.c.target, deliveries.c.number)

# How often each outcome came: it only grows, while the delivery log forgets.
outcomes = Table(
    "subscription_outcomes",
    metadata,
    Column("outcome", String(10), primary_key=True),
    Column("times", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

# Mails that ask for confirmation, by day, so that nobody is flooded: of each address by its hash, of all under "".
confirmation_mails = Table(
    "confirmation_mails",
    metadata,
    Column("day", String(10), primary_key=True),
    Column("address", String(64), primary_key=True),
    Column("times", Integer, nullable=False),
    sqlite_with_rowid=False,
)
