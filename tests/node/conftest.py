"""Fixtures of the node's tests: a PostgreSQL database as a node finds it that was migrated and holds nothing."""

from collections.abc import Iterator

import pytest

from node.store.opening import MIGRATIONS
from tests.migrated import migrated_postgres


@pytest.fixture
def node_postgres_url(postgres_server: str) -> Iterator[str]:
    """Give the URL of a database with the node's tables."""
    with migrated_postgres(postgres_server, MIGRATIONS) as engine:
        yield engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
