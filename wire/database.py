"""How a service opens its own database: SQLite in its state directory, or PostgreSQL by URL; migrated by alembic."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, func, inspect, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, DBAPIError, OperationalError

from schemas.sentences import gettext_noop as N_
from schemas.sentences import sentence
from wire.database_marks import said_by, said_of

PAGE_SIZE = 16384  # larger pages cost less per row where rows come in batches (measured: 8–16 kB)
BUSY_SECONDS = 60
_CHECKPOINT_PAGES = 4000  # of the journal beside the file: 64 MB
_MANUAL = "docs/operations.md says how, and what then is not lost"
_MIGRATING = 0x6C696169736F6E  # the number of the lock under which one process at a time changes tables of PostgreSQL
# What PostgreSQL answers (SQLSTATE) where its user may not do something, or it is a replica that only reads.
_NOT_ALLOWED = frozenset({"42501", "25006"})
# What it answers while it is being stopped, or has just been started.
_ENDING = frozenset({"57P01", "57P02", "57P03"})

# Of these three the driver asks each value whether it adapts itself, which takes longer than to bind it.
sqlite3.register_adapter(bytes, bytes)
sqlite3.register_adapter(bool, int)
sqlite3.register_adapter(type(None), dict[None, None]().get)  # gives None, and is no function of Python's


class NewerDatabase(ValueError):
    """Newer software than this has changed the tables; the message says what to do."""


class MovedDatabase(NewerDatabase):
    """The database was moved to another one, or is not whole yet; software that knows no moves calls it newer."""


def open_database(url: str) -> Engine:
    """Open `sqlite:///path` or `postgresql://…`; every transaction that begins may write. ArgumentError for others."""
    target = _taken_apart(url)
    if target.get_backend_name() == "sqlite":
        return _open_sqlite(url)
    if target.get_backend_name() != "postgresql":
        raise ArgumentError(f"{target.get_backend_name()} is no database that is known here")
    # To compile a plan takes longer than any of our questions. An operator's own options in the URL count instead.
    options = {} if "options" in target.query else {"options": "-c jit=off"}
    # `format` instead of named parameters: the hot path hands over plain tuples.
    return create_engine(
        target.set(drivername="postgresql+psycopg"), paramstyle="format", pool_pre_ping=True, connect_args=options
    )


def _taken_apart(url: str) -> URL:
    try:
        return make_url(url)
    except ValueError:
        raise ArgumentError("its port is no number") from None


def sqlite_url(path: Path) -> str:
    """Give the URL of a database file."""
    return f"sqlite:///{path.resolve()}"


def is_sqlite(connection: Connection | Engine) -> bool:
    """Whether this is SQLite, for the few statements that differ."""
    return connection.dialect.name == "sqlite"


def cause_of(error: DBAPIError) -> str:
    """Give what the database itself says, in one line."""
    return str(error.orig).strip().split("\n")[0]


def is_damaged(error: DBAPIError) -> bool:
    """Whether the file is none of SQLite's, or no longer a whole one."""
    return type(error) is DatabaseError and isinstance(error.orig, sqlite3.Error)


def is_away(error: DBAPIError) -> bool:
    """Whether the connection to PostgreSQL was cut, or none can be had; nothing is wrong then with what was asked."""
    if isinstance(error.orig, sqlite3.Error):
        return False
    if error.connection_invalidated:
        return True
    state = getattr(error.orig, "sqlstate", None)  # what cannot be reached answers none
    return isinstance(error, OperationalError) and (state is None or state.startswith("08") or state in _ENDING)


def not_taken(error: DBAPIError) -> str:
    """Say what a database did not do, why, and what to do, to whoever ran a command; what nobody can help is raised."""
    if said := said_by(cause_of(error)):
        return said
    if is_damaged(error):
        return f"the database is damaged: {cause_of(error)}. Set its file aside and restore a backup; {_MANUAL}"
    if getattr(error.orig, "sqlstate", None) in _NOT_ALLOWED:
        return (
            f"the database does not let this user do it: {cause_of(error)}. Make the user of its URL the owner of the "
            "database (ALTER DATABASE name OWNER TO user), and name a server that can be written, no replica"
        )
    if not isinstance(error, OperationalError):
        raise error
    if "readonly" in cause_of(error):  # SQLite's word
        return (
            "the database did not take it: this user may not write its file, or the disk can only be read. See whose "
            "the file is, and those that begin with its name, and run the command as the user that runs the service"
        )
    return (
        f"the database did not take it: {cause_of(error)}. What was not finished is not kept; make room if the disk is "
        "full, see that the database can be reached, and run the command again"
    )


def migrate(engine: Engine, scripts: Path) -> None:
    """Bring the schema up to the newest version in `scripts`: an alembic folder whose files begin with the version.

    NewerDatabase if it has one that is not among them.
    """
    # Looking first keeps short commands short, and keeps them from waiting for a writer.
    found, known = schema_version(engine), _versions(scripts)
    if found == max(known):
        return
    if found is not None:
        check_known(found, scripts, N_("Nothing was changed. Run that software again, or restore a backup from before"))
    with engine.begin() as connection:
        migrate_within(connection, scripts)


def migrate_within(connection: Connection, scripts: Path) -> None:
    """Bring the schema up to the newest version in the caller's transaction: it all happens or nothing does."""
    from alembic import command  # noqa: PLC0415 - costs every short command a fifth of a second, and few migrate
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(scripts))
    if not is_sqlite(connection):  # which has one writer at a time anyway
        # Who comes second finds it done: service and command may begin together after an upgrade.
        connection.execute(select(func.pg_advisory_xact_lock(_MIGRATING)))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def check_known(found: str, scripts: Path, what: str) -> None:
    """NewerDatabase, with what to do, if tables are of a version that is not among `scripts`, or it was moved."""
    if said := said_of(found):
        raise MovedDatabase(said)
    known = _versions(scripts)
    if found not in known:
        raise NewerDatabase(
            sentence(
                "newer software has changed the database: its tables are of version {version}, and this software "
                "knows those up to {known}. {means}",
                version=found[:40],
                known=max(known),
                means=what,
            )
        )


def newest_version(scripts: Path) -> str:
    """Give the version that the name of the last migration begins with; alembic need not be asked."""
    return max(_versions(scripts))


def _versions(scripts: Path) -> set[str]:
    return {path.name.split("_")[0] for path in (scripts / "versions").glob("[0-9]*_*.py")}


def schema_version(engine: Engine) -> str | None:
    """Give the version of the schema that a database has; None if it has none."""
    with reading(engine).connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _open_sqlite(url: str) -> Engine:
    engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _record: Any) -> None:
        # We say BEGIN ourselves: the driver's own way opens transactions too late for a read before a write.
        connection.isolation_level = None
        for pragma in (
            f"page_size={PAGE_SIZE}",
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "secure_delete=ON",  # what is deleted is overwritten: an erased body must not be left in a free page
            "cache_size=-65536",
            # A page that many batches change goes into the file once for all of them: a fifth of a commit's cost.
            f"wal_autocheckpoint={_CHECKPOINT_PAGES}",
            "temp_store=MEMORY",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        deferred = connection.get_execution_options().get("reads_only", False)
        connection.exec_driver_sql("BEGIN" if deferred else "BEGIN IMMEDIATE")

    return engine


def reading(engine: Engine) -> Engine:
    """Give the same database for reading: a transaction of it never waits for a writer."""
    return engine.execution_options(reads_only=True)


def writing(engine: Engine) -> Engine:
    """Give the same database for writing, where an engine for reading was handed on."""
    return engine.execution_options(reads_only=False)


def copy_sqlite(source: Path, target: Path) -> None:
    """Write a SQLite database, as it stands at one moment, into a new file of mode 0600, beside whoever writes it.

    What was deleted is not in the copy: it is built anew, without free pages. sqlite3.Error if it cannot be read whole.
    """
    target.touch(mode=0o600, exist_ok=False)
    with closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", timeout=BUSY_SECONDS, uri=True)) as connection:
        connection.execute("VACUUM INTO ?", (str(target),))


def sqlite_damage(path: Path) -> str:
    """Say what is wrong with a SQLite file; empty if it is whole."""
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            found = str(connection.execute("PRAGMA integrity_check(1)").fetchone()[0])
    except sqlite3.Error as error:
        return str(error)
    return "" if found == "ok" else found


def sqlite_file(url: str) -> Path | None:
    """Give the file of a SQLite URL; None for another database."""
    target = _taken_apart(url)
    return Path(target.database) if target.get_backend_name() == "sqlite" and target.database else None
