"""A real PostgreSQL for tests: one server for the session, one empty database for each test that asks for one."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The server of this run; it starts with the first test that asks for it."""
    # Not in pytest's folder: started by root, the server runs as another user, and each new run closes that folder.
    with tempfile.TemporaryDirectory(prefix="liaison-pg-", ignore_cleanup_errors=True) as directory:
        with running_postgres(Path(directory)) as url:
            yield url


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """Give the URL of an empty database of this test's own."""
    name = f"test_{next(_numbers)}"
    target = make_url(postgres_server).set(drivername="postgresql+psycopg")
    server = create_engine(target, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield target.set(drivername="postgresql", database=name).render_as_string(hide_password=False)
    with server.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    server.dispose()
