"""Databases with their tables for tests: migrated once by each test process, then copied, or emptied and used again."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, text

from tests.postgres import create_database, drop_database
from wire.database import migrate, newest_version, open_database, sqlite_url

_idle: dict[tuple[str, Path], list[Engine]] = {}
_forms: dict[Path, list[str]] = {}

# What must be as it was for a database to be used again: tables, columns, indexes, functions and triggers.
_FORM = text("""
    SELECT c.relname || c.relkind::text || coalesce(string_agg(a.attname || a.atttypid, ',' ORDER BY a.attnum), '')
    FROM pg_class c LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE c.relnamespace = 'public'::regnamespace GROUP BY c.oid
    UNION ALL SELECT proname || md5(prosrc) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    UNION ALL SELECT tgname FROM pg_trigger WHERE NOT tgisinternal
    ORDER BY 1
""")
_KEEP_ROWS_OF_MIGRATIONS = text(r"""
    DO $$ DECLARE name regclass; filled boolean; BEGIN
        CREATE SCHEMA kept;
        FOR name IN SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' LOOP
            EXECUTE format('SELECT EXISTS (SELECT FROM %s)', name) INTO filled;
            IF filled THEN EXECUTE format('CREATE TABLE kept.%s AS TABLE public.%s', name, name); END IF;
        END LOOP;
    END $$
""")
_EMPTY = text(r"""
    DO $$ DECLARE name regclass; row record; BEGIN
        PERFORM pg_terminate_backend(pid, 5000) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid();
        SET LOCAL session_replication_role = replica; -- foreign keys need not be asked in which order
        FOR name IN SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' LOOP
            EXECUTE format('DELETE FROM %s', name);
        END LOOP;
        FOR row IN SELECT relname FROM pg_class WHERE relnamespace = 'kept'::regnamespace AND relkind = 'r' LOOP
            EXECUTE format('INSERT INTO public.%1$I OVERRIDING SYSTEM VALUE SELECT * FROM kept.%1$I', row.relname);
        END LOOP;
        PERFORM setval(seqrelid, seqstart, false) FROM pg_sequence;
    END $$
""")


def migrated_file(path: Path, scripts: Path) -> str:
    """Make a SQLite database with the tables of these migrations, unless it is there; gives its URL."""
    if not path.exists():
        path.write_bytes(_file(scripts))
    return sqlite_url(path)


def migrated_engine(path: Path, scripts: Path) -> Engine:
    """Open a SQLite database with these tables."""
    return open_database(migrated_file(path, scripts))


def migrate_again(engine: Engine, scripts: Path, before: str, after: str) -> None:
    """Take one step of the migrations again, from one version to another, with the rest of the tables as they are."""
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :version"), {"version": before})
        migrate_to(connection, scripts, after)
        newest = {"version": newest_version(scripts)}
        connection.execute(text("UPDATE alembic_version SET version_num = :version"), newest)


def migrate_to(connection: Connection, scripts: Path, version: str) -> None:
    """Take the migrations up to a version, not to the newest."""
    config = Config()
    config.set_main_option("script_location", str(scripts))
    config.attributes["connection"] = connection
    command.upgrade(config, version)


@cache
def _file(scripts: Path) -> bytes:
    with TemporaryDirectory(prefix="liaison-migrated-") as folder:
        path = Path(folder, "migrated.sqlite")
        engine = open_database(sqlite_url(path))
        migrate(engine, scripts)
        engine.dispose()
        return path.read_bytes()


@contextmanager
def migrated_postgres(server_url: str, scripts: Path) -> Iterator[Engine]:
    """Lend a PostgreSQL database with the tables of these migrations, as empty as they leave it."""
    idle = _idle.setdefault((server_url, scripts), [])
    engine = idle.pop() if idle else _new_database(server_url, scripts)
    yield engine
    engine.dispose()
    with engine.begin() as connection:
        connection.execute(_EMPTY)
        as_it_was = _form(connection) == _forms[scripts]
    engine.dispose()
    if as_it_was:
        idle.append(engine)
    else:
        drop_database(server_url, str(engine.url.database))


def _new_database(server_url: str, scripts: Path) -> Engine:
    engine = open_database(create_database(server_url))
    migrate(engine, scripts)
    with engine.begin() as connection:
        connection.execute(_KEEP_ROWS_OF_MIGRATIONS)
        _forms.setdefault(scripts, _form(connection))
    return engine


def _form(connection: Connection) -> list[str]:
    return list(connection.scalars(_FORM))
