"""Fixtures of the node's tests: databases as a node finds them that were migrated and hold nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from node.store.opening import MIGRATIONS
from tests.migrated import migrated_file, migrated_postgres


@pytest.fixture(autouse=True)
def patient_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page waits for the hub as long as a busy machine may take; those that show how long say so themselves."""
    monkeypatch.setattr("node.network_view.SECONDS", 60.0)


@pytest.fixture
def node_postgres_url(postgres_server: str) -> Iterator[str]:
    """Give the URL of a database with the node's tables."""
    with migrated_postgres(postgres_server, MIGRATIONS) as engine:
        yield engine.url.set(drivername="postgresql").render_as_string(hide_password=False)


@pytest.fixture(params=["sqlite", "postgres"])
def any_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give the URL of such a database, of each sort in turn."""
    if request.param == "sqlite":
        return migrated_file(tmp_path / "n.sqlite", MIGRATIONS)
    return str(request.getfixturevalue("node_postgres_url"))
