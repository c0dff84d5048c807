"""A database of any age becomes what the tables say: every migration in its order, on both databases."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, text

from hub.addresses import number_at
from hub.schema import MIGRATIONS
from hub.tables import metadata
from tests.migrated import migrate_to
from tests.postgres import create_database
from wire.database import migrate, newest_version, open_database, sqlite_url


# Of an index of an expression SQLite tells no columns: tests/hub/test_body_tags.py shows that it is there.
@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection of expression-based index bodies_by_hash")
@pytest.mark.filterwarnings("ignore:autogenerate skipping metadata-specified expression-based index .bodies_by_hash.")
def test_the_migrations_make_what_the_tables_say(any_engine: Engine) -> None:
    with any_engine.connect() as connection:
        found = compare_metadata(MigrationContext.configure(connection), metadata)
    # The search projection is not among the tables: each database has a form of its own for it.
    assert [each for each in found if "search" not in str(each)] == []


def test_the_migrations_are_one_straight_line() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    script = ScriptDirectory.from_config(config)
    assert script.get_heads() == [newest_version(MIGRATIONS)]
    assert [each.revision for each in script.walk_revisions() if each.is_branch_point] == []


def test_migrating_twice_changes_nothing(any_engine: Engine, tmp_path: Path) -> None:
    migrate(any_engine, MIGRATIONS)
    with any_engine.connect() as connection:
        assert MigrationContext.configure(connection).get_current_heads()


def test_what_was_refused_before_it_was_counted_is_counted(tmp_path: Path) -> None:
    engine = open_database(sqlite_url(tmp_path / "hub.sqlite"))
    row = {"at": "x", "o": "o", "reason": "unknown-key", "empty": "", "token": b""}
    with engine.begin() as connection:
        migrate_to(connection, MIGRATIONS, "0005")
        for number in (1, 2):
            connection.execute(
                text(
                    "INSERT INTO quarantine"
                    " (at, bus_organization, bus_kind, reason, found, expected, digest, token, times)"
                    " VALUES (:at, :o, :o, :reason, :empty, :empty, :digest, :token, 3)"
                ),
                {**row, "digest": bytes([number] * 32)},
            )
    migrate(engine, MIGRATIONS)
    with engine.connect() as connection:
        assert connection.execute(metadata.tables["refusals"].select()).all() == [("unknown-key", 6)]
    engine.dispose()


RECORDS = text(
    'INSERT INTO records (record, kind, org, id, "index", body_index, marking, withdrawn, published, title)'
    " VALUES (:n, 'need', 1, :id, :n, :n, 'TLP:CLEAR', false, '', '')"
)
ORGANIZATION = text(
    "INSERT INTO organizations (org, organization, sequence, head, forked, last_index)"
    " VALUES (1, 'ke-nctc', 0, :head, false, -1)"
)


def test_records_from_before_they_had_tags_are_found_by_their_addresses(postgres_server: str, tmp_path: Path) -> None:
    for url in (sqlite_url(tmp_path / "hub.sqlite"), create_database(postgres_server)):
        engine = open_database(url)
        with engine.begin() as connection:
            migrate_to(connection, MIGRATIONS, "0013")
            connection.execute(ORGANIZATION, {"head": bytes(32)})
            connection.execute(RECORDS, [{"n": number, "id": f"n{number}"} for number in range(3)])
        migrate(engine, MIGRATIONS)
        with engine.connect() as connection:
            for number in range(3):
                assert connection.scalars(number_at("need", "ke-nctc", f"n{number}")).all() == [number]
        engine.dispose()


@pytest.mark.parametrize("name", ["tiles", "checkpoints", "bodies", "log"])
def test_the_tables_of_the_log_are_there(any_engine: Engine, name: str) -> None:
    with any_engine.connect() as connection:
        connection.execute(metadata.tables[name].select().limit(1))
