"""Tests of the grid's rows on both databases: true to the records at every change, and without a trace once erased."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import delete, text

from node.edit import Confirm, Withdraw
from node.node import Node, build
from node.store.grid import Asked, freshness_of
from node.store.grid_cursor import BadCursor
from node.store.grid_tables import grid, grid_marks
from node.store.opening import MIGRATIONS
from tests.node.nodes import joined_node, put
from wire.database import migrate

TODAY = date(2026, 11, 26)
NAMES = {"en": "Zephyr office", "ar": "مكتب الوثائق", "zh": "边境哨所", "ru": "Пограничный пост", "fr": "Frontière"}


@pytest.fixture(params=["sqlite", "postgres"])
def node(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Node]:
    database = "" if request.param == "sqlite" else str(request.getfixturevalue("node_postgres_url"))
    made = joined_node(tmp_path / "node", database)
    made.editor.apply([put("a", name=NAMES, review_due="2026-12-01"), put("b", review_due="2026-01-01"), put("c")])
    yield made
    made.engine.dispose()


def ids(node: Node, **asked: object) -> list[str]:
    return [line.id for line in node.grid.page(Asked(kind=("contact",), **asked), TODAY).items]  # type: ignore[arg-type]


def test_words_facets_and_orders_find_the_same_on_both_databases(node: Node) -> None:
    for words in ("zephyr", "FRONTIERE", "وثائق", "边境", "пограничный", "zephyr frontiere"):
        assert ids(node, q=words) == ["a"], words
    assert ids(node, q="'; DROP TABLE grid; --") == []
    assert (ids(node, sort="due"), ids(node, sort="title")) == (["b", "a", "c"], ["b", "c", "a"])
    assert (ids(node, fresh=("overdue",)), ids(node, fresh=("due",)), ids(node, fresh=("confirmed",))) == (
        ["b"], ["a"], ["c"],
    )  # fmt: skip
    assert ids(node, progress=("sealed",), sort="title") == ["b", "c", "a"]
    assert ids(node, theme="fatf:R.32", place="") != []
    assert ids(node, state=("withdrawn",)) == []
    assert node.grid.page(Asked(), TODAY).counts["kind"] == {"contact": 3, "organization": 1}
    assert "theme_1373:2.10" in node.grid.themes()
    fresh = {line.id: freshness_of(line, TODAY) for line in node.grid.page(Asked(kind=("contact",)), TODAY).items}
    assert fresh == {"a": "due", "b": "overdue", "c": "confirmed"}


def test_pages_and_their_cursors(node: Node) -> None:
    first = node.grid.page(Asked(sort="title"), TODAY, 2)
    rest = node.grid.page(Asked(sort="title", after=str(first.next)), TODAY, 2)
    assert (first.total, len(first.items), len(rest.items), rest.next) == (4, 2, 2, None)
    assert {line.number for line in first.items}.isdisjoint(line.number for line in rest.items)
    for cursor in ("x", "W10", "bnVsbA", "WyJhIiwgImIiXQ"):
        with pytest.raises(BadCursor):
            node.grid.page(Asked(after=cursor), TODAY)


def test_rows_follow_every_change(node: Node) -> None:
    node.editor.apply([put("a", name={"en": "Airport"}, themes=None), Withdraw("contact", "b", "Closed.")])
    node.editor.apply([Confirm("contact", "c"), put("local", marking="TLP:RED")])
    assert (ids(node, q="zephyr"), ids(node, q="airport")) == ([], ["a"])
    assert (ids(node, state=("withdrawn",)), ids(node, state=("local",))) == (["b"], ["local"])
    node.editor.apply([Withdraw("contact", "local", "No.")])  # never spoken of: forgotten
    assert ids(node, state=("local", "current", "withdrawn"), sort="title") == ["a", "b", "c"]
    assert {line.progress for line in node.grid.page(Asked(), TODAY).items} == {"sealed"}
    assert node.grid.addresses(Asked(kind=("contact",), sort="title"), TODAY, 1) == [("contact", "a")]
    assert set(node.grid.records("contact", ["a", "x"])) == {"a"}


def test_no_word_of_what_was_erased_is_left(node: Node) -> None:
    node.eraser.erase("contact", "a")
    assert ids(node, state=("current", "local", "withdrawn")) == ["c", "b"]
    with node.engine.connect() as connection:
        for table in (grid, grid_marks):
            said = str(connection.execute(table.select()).all())
            assert "ephyr" not in said
        found = str(connection.execute(text("SELECT * FROM record_search")).all())
        assert "zephyr" not in found
    database = node.settings.directory / "node.sqlite"
    if database.exists():
        raw = b"".join(path.read_bytes() for path in node.settings.directory.glob("node.sqlite*"))
        assert b"ephyr" not in raw


def test_older_records_are_in_the_grid_after_the_migration(node: Node) -> None:
    with node.engine.begin() as connection:
        connection.execute(delete(grid))
        for table in ("grid", "grid_marks", "answers", "record_search", "batches", "mappings", "delivery_times"):
            connection.execute(text(f"DROP TABLE {table}"))
        for column in ("account", "role", "ends"):  # of a later migration
            connection.execute(text(f"ALTER TABLE access_tokens DROP COLUMN {column}"))
        connection.execute(text("DROP INDEX inbox_unread"))
        for table, column in (("inbox", "read_at"), ("inbox", "read_by"), ("drafts", "answers")):
            connection.execute(text(f"ALTER TABLE {table} DROP COLUMN {column}"))
        connection.execute(text("UPDATE alembic_version SET version_num = '0011'"))
    assert node.settings.directory.exists()
    migrate(node.engine, MIGRATIONS)
    assert (ids(node, q="zephyr"), ids(node, sort="due")) == (["a"], ["b", "a", "c"])
    again = build(node.settings.directory)
    assert again.grid.page(Asked(), TODAY).counts["kind"] == {"contact": 3, "organization": 1}
    again.engine.dispose()
