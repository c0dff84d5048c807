"""Every row of every table comes over, from SQLite to PostgreSQL and back, or nothing does."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, MetaData, func, insert, inspect, select, text

from hub import moving as hub_moving
from node import moving as node_moving
from tests.every_table import fill, rows
from tests.migrated import migrated_engine
from wire.database import open_database, schema_version, sqlite_url
from wire.database_copy import CannotMove, Content, copy


def anything(_: Connection) -> None:
    pass


def no_facts(_: Connection) -> dict[str, object]:
    return {}


def plain(content: Content) -> Content:
    """The rows of two rows each mean nothing: only they themselves are compared."""
    return replace(content, check=anything, facts=no_facts, fill=anything)


CONTENTS = {"node": plain(node_moving.content("xa-centre")), "hub": plain(hub_moving.content(Path("none")))}


def silent(_done: int, _total: int | None) -> None:
    pass


@contextmanager
def opened(url: str) -> Iterator[Engine]:
    engine = open_database(url)
    yield engine
    engine.dispose()


def read(engine: Engine, content: Content) -> dict[str, list[tuple[Any, ...]]]:
    copied = {table.name for table, _ in content.copied()}
    with engine.connect() as connection:
        return {name: found for name, found in rows(connection, content.metadata).items() if name in copied}


@pytest.fixture(params=["node", "hub"])
def content(request: pytest.FixtureRequest) -> Content:
    return CONTENTS[request.param]


@pytest.fixture
def filled(content: Content, tmp_path: Path) -> Iterator[Engine]:
    engine = migrated_engine(tmp_path / "old.sqlite", content.scripts)
    with engine.begin() as connection:
        fill(connection, content.metadata)
    yield engine
    engine.dispose()


def test_there_and_back_again_every_row_is_the_same_and_new_ones_get_new_numbers(
    content: Content, filled: Engine, postgres_url: str, tmp_path: Path
) -> None:
    before = read(filled, content)
    assert {len(found) for found in before.values()} == {2}, "every table has rows to be copied"
    with opened(postgres_url) as there, opened(sqlite_url(tmp_path / "back.sqlite")) as back:
        copy(filled, there, content, "1", silent)
        assert read(there, content) == before
        with there.connect() as connection:
            for table in (table for table, _ in content.copied() if table.autoincrement_column is not None):
                number = table.autoincrement_column.name
                last = connection.scalar(select(func.max(table.c[number]))) or 0
                drawn = func.nextval(func.pg_get_serial_sequence(table.name, number))
                assert connection.scalar(select(drawn)) == last + 1
        copy(there, back, content, "2", silent)
        assert read(back, content) == before
        assert (schema_version(there), schema_version(back)) == ("moved-2", "arriving-2")


def stopping_at(row: int, fired: list[int]) -> Callable[[int, int | None], None]:
    def step(done: int, _total: int | None) -> None:
        if done >= row:
            fired.append(done)
            raise KeyboardInterrupt

    return step


@pytest.mark.parametrize("content", ["node"], indirect=True)
@pytest.mark.parametrize("sort", ["sqlite", "postgresql"])
def test_broken_off_in_the_middle_the_new_one_is_empty_and_the_old_one_as_it_was(
    content: Content, filled: Engine, sort: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    before, version, fired = read(filled, content), schema_version(filled), list[int]()
    url = request.getfixturevalue("postgres_url") if sort == "postgresql" else sqlite_url(tmp_path / "new.sqlite")
    with opened(url) as new:
        with pytest.raises(KeyboardInterrupt):
            copy(filled, new, content, "1", stopping_at(20, fired))
        assert fired == [20]
        assert inspect(new).get_table_names() == []
        assert (read(filled, content), schema_version(filled)) == (before, version)
        copy(filled, new, content, "2", silent)
        assert read(new, content) == before


@pytest.mark.parametrize("content", ["node"], indirect=True)
def test_what_differs_afterwards_is_named_and_nothing_is_kept(content: Content, filled: Engine, tmp_path: Path) -> None:
    version = schema_version(filled)

    def lose(connection: Connection) -> None:
        connection.execute(text("DELETE FROM outbox"))

    with opened(sqlite_url(tmp_path / "new.sqlite")) as new:
        with pytest.raises(CannotMove, match="outbox differ"):
            copy(filled, new, replace(content, fill=lose), "1", silent)
        other = replace(content, facts=lambda connection: {"the head": str(connection.engine.url)})
        with pytest.raises(CannotMove, match="the head differ"):
            copy(filled, new, other, "1", silent)
        assert inspect(new).get_table_names() == []
    assert schema_version(filled) == version


@pytest.mark.parametrize("content", ["node"], indirect=True)
@pytest.mark.parametrize("title", ["a\0b", "x" * 201])
def test_what_only_sqlite_can_hold_is_told_with_its_table(
    content: Content, filled: Engine, postgres_url: str, title: str
) -> None:
    grid = content.metadata.tables["grid"]
    row = {**{each.name: "x" for each in grid.c}, "number": 5, "sequence": None, "holds": None, "title": title}
    with filled.begin() as connection:
        connection.execute(insert(grid), row)
    with opened(postgres_url) as new, pytest.raises(CannotMove, match="does not take a row of the table grid"):
        copy(filled, new, content, "1", silent)


@pytest.mark.parametrize("content", ["node"], indirect=True)
def test_only_what_a_broken_move_has_left_is_emptied(content: Content, filled: Engine, postgres_url: str) -> None:
    with opened(postgres_url) as new:
        with new.begin() as connection:
            connection.execute(text("CREATE TABLE chain (n INTEGER)"))
        with pytest.raises(CannotMove, match="not empty"):
            copy(filled, new, content, "1", silent)
        with new.begin() as connection:
            connection.execute(text("DROP TABLE chain"))
            connection.execute(text("CREATE TABLE of_somebody_else (n INTEGER)"))
        copy(filled, new, content, "2", silent)
        before = read(new, content)
        with filled.begin() as connection:
            for table in content.metadata.tables:
                for change in ("INSERT", "UPDATE", "DELETE"):
                    connection.execute(text(f"DROP TRIGGER liaison_moved_{change}_{table}"))
        copy(filled, new, content, "3", silent)
        assert (read(new, content), schema_version(new)) == (before, "arriving-3")
        assert "of_somebody_else" in inspect(new).get_table_names()


@pytest.mark.parametrize("content", ["node"], indirect=True)
def test_a_table_that_nobody_copies_is_told(content: Content, filled: Engine, tmp_path: Path) -> None:
    fewer = MetaData()
    for table in content.metadata.sorted_tables:
        if table.name != "drafts":
            table.to_metadata(fewer)
    with opened(sqlite_url(tmp_path / "new.sqlite")) as new:
        with pytest.raises(CannotMove, match="how to move drafts;"):
            copy(filled, new, replace(content, metadata=fewer), "1", silent)
        assert inspect(new).get_table_names() == []
