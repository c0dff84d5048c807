"""Opening a database: the promises that both kinds keep about transactions."""

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, IntegrityError, OperationalError, ProgrammingError

from hub.schema import MIGRATIONS
from wire.database import (
    NewerDatabase,
    copy_sqlite,
    is_sqlite,
    migrate,
    not_taken,
    open_database,
    reading,
    schema_version,
    sqlite_damage,
    sqlite_file,
    sqlite_url,
)


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    found = open_database(sqlite_url(tmp_path / "own.db"))
    with found.begin() as connection:
        connection.execute(text("CREATE TABLE t (n INTEGER PRIMARY KEY)"))
    return found


def numbers(engine: Engine) -> list[int]:
    with engine.connect() as connection:
        return list(connection.execute(text("SELECT n FROM t ORDER BY n")).scalars())


def test_a_transaction_is_written_whole_or_not_at_all(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO t VALUES (1)"))
    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(text("INSERT INTO t SELECT 2 UNION ALL SELECT 1"))
    assert numbers(engine) == [1]


def test_what_is_committed_survives_a_loss_of_power(engine: Engine) -> None:
    with engine.connect() as connection:
        assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"
        assert connection.execute(text("PRAGMA synchronous")).scalar() == 2  # FULL
        assert connection.execute(text("PRAGMA foreign_keys")).scalar() == 1


def test_readers_do_not_wait_for_a_writer_and_do_not_see_its_work_before_it_is_done(engine: Engine) -> None:
    with engine.begin() as writing:
        writing.execute(text("INSERT INTO t VALUES (1)"))
        assert numbers(reading(engine)) == []
    assert numbers(reading(engine)) == [1]


def test_only_a_database_of_another_version_is_migrated(engine: Engine, tmp_path: Path) -> None:
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32))"))
        connection.execute(text("INSERT INTO alembic_version VALUES ('0002')"))
    versions = tmp_path / "migrations" / "versions"
    versions.mkdir(parents=True)
    (versions.parent / "env.py").write_text("raise NotImplementedError\n")
    for name in ("0001_first.py", "0002_second.py"):
        (versions / name).touch()
    migrate(engine, versions.parent)
    (versions / "0003_third.py").touch()
    with pytest.raises(NotImplementedError):
        migrate(engine, versions.parent)


def test_a_database_that_newer_software_has_changed_is_told_and_left_as_it_is(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32))"))
        connection.execute(text("INSERT INTO alembic_version VALUES ('9999')"))
    with pytest.raises(NewerDatabase, match="version 9999, and this software knows those up to 00"):
        migrate(engine, MIGRATIONS)
    assert schema_version(engine) == "9999"


ALONE = """
from alembic import context
from sqlalchemy import text
connection = context.config.attributes["connection"]
locks = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()"
assert connection.execute(text(locks)).scalar() == 1
connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32))"))
connection.execute(text("INSERT INTO alembic_version VALUES ('0001')"))
"""


def test_tables_of_postgresql_are_changed_by_one_process_at_a_time(postgres_url: str, tmp_path: Path) -> None:
    versions = tmp_path / "migrations" / "versions"
    versions.mkdir(parents=True)
    (versions / "0001_first.py").touch()
    (versions.parent / "env.py").write_text(ALONE)
    engine = open_database(postgres_url)
    migrate(engine, versions.parent)
    assert schema_version(engine) == "0001"
    engine.dispose()


def test_a_user_who_may_make_no_tables_is_told_so(postgres_url: str) -> None:
    engine = open_database(postgres_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE ROLE may_not_make_tables LOGIN"))
    theirs = open_database(make_url(postgres_url).set(username="may_not_make_tables").render_as_string())
    with pytest.raises(ProgrammingError) as refused:
        migrate(theirs, MIGRATIONS)
    assert "does not let this user do it: permission denied" in not_taken(refused.value)
    theirs.dispose()
    with engine.begin() as connection:
        connection.execute(text("DROP ROLE may_not_make_tables"))
    engine.dispose()


def test_a_file_that_may_only_be_read_is_told_as_such(engine: Engine) -> None:
    with engine.connect() as connection:
        connection.execute(text("PRAGMA query_only=ON"))
        with pytest.raises(OperationalError) as refused:
            connection.execute(text("INSERT INTO t VALUES (1)"))
    assert "this user may not write its file" in not_taken(refused.value)


@pytest.mark.parametrize("url", ["postgresql://host:54a32/hub", "no url"])
def test_what_is_no_url_of_a_database_is_told_as_such(url: str) -> None:
    for opened in (open_database, sqlite_file):
        with pytest.raises(ArgumentError):
            opened(url)


@pytest.mark.parametrize(("query", "jit"), [("", "off"), ("?options=-c%20jit%3Don", "on")])
def test_plans_are_not_compiled_unless_the_operator_says_so(postgres_server: str, query: str, jit: str) -> None:
    own = postgres_server + (query.replace("?", "&") if "?" in postgres_server else query)
    engine = open_database(own)
    with engine.connect() as connection:
        assert connection.execute(text("SHOW jit")).scalar() == jit
    engine.dispose()


def test_postgresql_takes_the_same_statements(postgres_url: str) -> None:
    engine = open_database(postgres_url)
    assert not is_sqlite(engine)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE t (n INTEGER PRIMARY KEY)"))
        connection.execute(text("INSERT INTO t VALUES (1)"))
    assert numbers(reading(engine)) == [1]
    engine.dispose()


def test_a_copy_is_of_one_moment_though_a_writer_is_at_work(tmp_path: Path) -> None:
    engine = open_database(sqlite_url(tmp_path / "it.sqlite"))
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE t (x TEXT)"))
        connection.execute(text("INSERT INTO t VALUES ('kept')"))
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO t VALUES ('not committed')"))
        copy_sqlite(tmp_path / "it.sqlite", tmp_path / "copy")
    engine.dispose()
    assert (tmp_path / "copy").stat().st_mode & 0o777 == 0o600
    assert sqlite_damage(tmp_path / "copy") == ""
    with sqlite3.connect(tmp_path / "copy") as connection:
        assert connection.execute("SELECT x FROM t").fetchall() == [("kept",)]
    with pytest.raises(FileExistsError):
        copy_sqlite(tmp_path / "it.sqlite", tmp_path / "copy")


def test_a_damaged_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "it").write_bytes(b"no database" * 1000)
    assert "not a database" in sqlite_damage(tmp_path / "it")


def test_the_file_of_a_url_is_known_where_it_has_one(tmp_path: Path) -> None:
    assert sqlite_file(sqlite_url(tmp_path / "it")) == tmp_path / "it"
    assert sqlite_file("postgresql://host/name") is None
