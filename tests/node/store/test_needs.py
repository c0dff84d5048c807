"""Tests of what is there for needs of others, on both databases: what holds, what answers, and older records too."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, update

from node.edit import Put, Withdraw
from node.node import Node
from node.store.grid_tables import answers, grid
from node.store.needs import Answer, remember_answer
from node.store.opening import MIGRATIONS
from schemas.entry import parse_entry
from tests.node.nodes import joined_node
from tests.schemas.examples import EXAMPLES
from wire.database import migrate

DAY = "2026-11-26"
FIRST, SECOND = "need/ke-nctc/n1", "need/ke-nctc/n2"


def change(kind: str, record_id: str, **fields: object) -> Put:
    given = {**EXAMPLES[kind], "id": record_id, **fields}
    return Put(parse_entry({name: value for name, value in given.items() if value is not None}))


@pytest.fixture(params=["sqlite", "postgres"])
def node(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Node]:
    database = "" if request.param == "sqlite" else str(request.getfixturevalue("node_postgres_url"))
    made = joined_node(tmp_path / "node", database)
    made.editor.apply([
        change("offer", "open", open=True, available_until=None), change("offer", "closed", open=False),
        change("offer", "ended", open=True, available_until="2026-11-25"),
        change("priority", "now", period_start="2026-01-01", period_end=DAY),
        change("activity", "a1", answers_needs=[FIRST, SECOND]), change("activity", "a2", answers_needs=None),
    ])  # fmt: skip
    yield made
    made.engine.dispose()


def held(node: Node, limit: int = 9) -> list[str]:
    return [each.id for each in node.needs.held(DAY, limit)]


def test_what_holds_today_is_given_with_what_it_is_about(node: Node) -> None:
    assert held(node) == ["now", "open"]
    assert held(node, 1) == ["now"]
    [offer] = [each for each in node.needs.held(DAY, 9) if each.kind == "offer"]
    assert {each.partition(":")[0] for each in offer.marks} == {"theme", "place"}
    node.editor.apply([Withdraw("offer", "open", "Gone."), change("offer", "closed", open=True, available_until=None)])
    assert held(node) == ["closed", "now"]


def test_answers_follow_every_change_of_the_record(node: Node) -> None:
    title = node.needs.answers([FIRST])[FIRST][0].title
    one = Answer("activity", "a1", title)
    assert node.needs.answers([FIRST, SECOND, "need/x/y"]) == {FIRST: [one], SECOND: [one]}
    node.editor.apply([change("activity", "a1", answers_needs=[SECOND])])
    assert node.needs.answers([FIRST, SECOND]) == {SECOND: [one]}
    node.editor.apply([Withdraw("activity", "a1", "Over.")])
    assert node.needs.answers([SECOND]) == {}


def test_what_was_begun_as_an_answer_stays_one_until_it_is_erased(node: Node) -> None:
    with node.engine.begin() as connection:
        for address in (("offer", "open"), ("offer", "open"), ("offer", "none")):
            remember_answer(connection, SECOND, *address)
    node.editor.apply([change("offer", "open", title={"en": "Readers"}, open=True, available_until=None)])
    assert [each.id for each in node.needs.answers([SECOND])[SECOND]] == ["open", "a1"]
    node.eraser.erase("offer", "open")
    assert [each.id for each in node.needs.answers([SECOND])[SECOND]] == ["a1"]


def test_older_records_hold_and_answer_after_the_migration(node: Node) -> None:
    with node.engine.begin() as connection:
        before = connection.execute(select(answers)).all()
        for table in ("answers", "delivery_times"):
            connection.exec_driver_sql(f"DROP TABLE {table}")
        connection.execute(update(grid).values(holds=None))
        connection.exec_driver_sql("DROP INDEX grid_holds")
        connection.exec_driver_sql("DROP INDEX inbox_unread")
        columns = (("inbox", "read_at"), ("inbox", "read_by"), ("drafts", "answers"), ("grid", "holds"))
        for table, column in columns:
            connection.exec_driver_sql(f"ALTER TABLE {table} DROP COLUMN {column}")
        for column in ("account", "role", "ends"):  # of a later migration
            connection.exec_driver_sql(f"ALTER TABLE access_tokens DROP COLUMN {column}")
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0012'")
    migrate(node.engine, MIGRATIONS)
    assert held(node) == ["now", "open"]
    with node.engine.connect() as connection:
        assert connection.execute(select(answers)).all() == before
