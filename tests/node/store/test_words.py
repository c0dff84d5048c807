"""Tests of the table of search words on both databases: written anew, asked, emptied."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, text

from node.store.words import matched, remove_words, search_ddl, write_words
from schemas.words import index_words
from wire.database import open_database
from wire.tidying import leave_no_words


@pytest.fixture(params=["sqlite", "postgres"])
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    url = "sqlite://" if request.param == "sqlite" else str(request.getfixturevalue("postgres_url"))
    made = open_database(url)
    with made.begin() as connection:
        for statement in search_ddl(made.dialect.name):
            connection.execute(text(statement))
    yield made
    made.dispose()


def found(engine: Engine, query: str) -> list[int]:
    with engine.begin() as connection:
        numbers = matched(connection, query)
        return [] if numbers is None else sorted(connection.scalars(numbers))


def test_a_record_is_found_by_its_newest_words_until_it_is_removed(engine: Engine) -> None:
    with engine.begin() as connection:
        write_words(connection, [])
        write_words(connection, [(1, index_words("Harbour office")), (2, index_words("مكتب الوثائق"))])
        write_words(connection, [(1, index_words("Airport office"))])
    assert [found(engine, query) for query in ("harb", "airp", "وثائق", "--", "office airport")] == [
        [],
        [1],
        [2],
        [],
        [1],
    ]
    with engine.begin() as connection:
        remove_words(connection, [])
        remove_words(connection, [1])
    leave_no_words(engine, "record_search")
    assert found(engine, "office") == []
    with engine.begin() as connection:
        assert "airport" not in str(connection.execute(text("SELECT * FROM record_search")).all())
