"""A database that was moved is refused by all software, also by what had opened it before."""

from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from hub.schema import MIGRATIONS
from tests.migrated import migrated_engine
from wire.database import MovedDatabase, migrate, not_taken, open_database, schema_version
from wire.database_marks import ARRIVED, ARRIVING, MOVED, close, said_of, write_version


def test_a_mark_stands_where_the_version_stood_and_is_told(tmp_path: Path) -> None:
    engine = migrated_engine(tmp_path / "it.sqlite", MIGRATIONS)
    for mark, word in (
        (MOVED, "never to be used again"),
        (ARRIVING, "run move-database again"),
        (ARRIVED, "broken off"),
    ):
        with engine.begin() as connection:
            write_version(connection, f"{mark}0123456789abcdef")
        with pytest.raises(MovedDatabase, match=word):
            migrate(engine, MIGRATIONS)
        assert schema_version(engine) == f"{mark}0123456789abcdef"
    engine.dispose()
    assert said_of("0014") == ""


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Engine:
    url = f"sqlite:///{tmp_path / 'it'}"
    engine = open_database(url if request.param == "sqlite" else request.getfixturevalue("postgres_url"))
    with engine.begin() as connection:
        connection.execute(text('CREATE TABLE "order" (n INTEGER)'))
        connection.execute(text('INSERT INTO "order" VALUES (1)'))
    return engine


def test_a_closed_table_is_read_and_not_changed(engine: Engine) -> None:
    with engine.begin() as connection:
        close(connection, ["order"])
    for change in ('INSERT INTO "order" VALUES (2)', 'UPDATE "order" SET n = 2', 'DELETE FROM "order"'):
        with pytest.raises(DBAPIError) as refused, engine.begin() as connection:
            connection.execute(text(change))
        assert not_taken(refused.value).startswith("this database was moved to another one")
    with engine.connect() as connection:
        assert connection.execute(text('SELECT n FROM "order"')).all() == [(1,)]
    engine.dispose()
