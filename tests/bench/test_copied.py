"""Tests of tests/bench/copied.py: a copy is what the hub would have folded into PostgreSQL itself."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from hub import search
from hub.schema import MIGRATIONS
from hub.tables import metadata
from tests.bench import synthetic
from tests.bench.copied import copy
from tests.bench.filled import size_of
from tests.bench.synthetic import fill
from tests.migrated import migrated_engine, migrated_postgres

RECORDS = 120
CURSORS = {"last_at"}  # the hub's clock


@pytest.fixture
def two(postgres_server: str) -> Iterator[tuple[Engine, Engine]]:
    with migrated_postgres(postgres_server, MIGRATIONS) as one, migrated_postgres(postgres_server, MIGRATIONS) as other:
        yield one, other


def rows(engine: Engine) -> dict[str, list[Any]]:
    found = {}
    with engine.connect() as connection:
        for table in metadata.sorted_tables:
            shown = [column for column in table.c if column.name not in CURSORS]
            found[table.name] = sorted(map(repr, connection.execute(table.select().with_only_columns(*shown))))
        words = text("SELECT index, words::text FROM record_search ORDER BY index")
        found["record_search"] = list(map(repr, connection.execute(words)))
        indexes = text("SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'")
        # Which rows are in a partial one is written in another way each time it is made from its own description.
        found["indexes"] = sorted(each.partition(" WHERE ")[0] for each in connection.scalars(indexes))
    return found


def test_a_copy_is_what_the_hub_would_have_folded(
    tmp_path: Path, two: tuple[Engine, Engine], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(synthetic, "BATCH", RECORDS)
    folded, copied = two
    source = migrated_engine(tmp_path / "hub.sqlite", MIGRATIONS)
    for engine in (source, folded):
        fill(engine, RECORDS)
        search.load(engine, size_of(engine))
    copy(tmp_path / "hub.sqlite", copied)
    assert rows(copied) == rows(folded)
    source.dispose()
