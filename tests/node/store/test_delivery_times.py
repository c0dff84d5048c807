"""Tests of the times of a delivery: a row for each step forward, of any number of events; what is unknown has none."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from node.edit import Editor
from node.forms import record_form
from node.node import Node
from node.rotating import mend
from node.store import Judged, Promise, Writing
from node.store.delivery_times import Span, Times
from node.store.next_log import NextLog, go_over
from node.store.opening import MIGRATIONS
from node.tables import delivery_times, relay
from tests.node.nodes import ORG, joined_node, make_node, noon, put
from wire.database import migrate

NOON = "2026-11-24T12:00:00.000Z"
NEVER = Times()


def at(minute: int) -> str:
    return f"2026-11-24T12:{minute:02}:00.000Z"


@pytest.fixture(params=["sqlite", "postgresql"])
def node(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Node]:
    """A node that says, at noon, c2 to c10 with events 2 to 10; 1 is its own record."""
    url = request.getfixturevalue("node_postgres_url") if request.param == "postgresql" else ""
    made = joined_node(tmp_path / "node", url)
    made = replace(made, editor=Editor(made.engine, made.keys, made.directory, noon))
    made.editor.apply([put(f"c{number}") for number in range(2, 11)])
    yield made
    made.engine.dispose()


def receipt(node: Node, sequence: int, minute: int, *sent: Span) -> None:
    noted = {"logged": sequence, "sent": max([sequence, *(each.last for each in sent)])}
    node.outbox.logged(Promise(sequence, sequence + 100, b""), [], [], noted, at=at(minute), sent=sent)


def times(node: Node, *numbers: int) -> list[Times]:
    found = [node.reading.record("contact", f"c{number}") for number in numbers]
    return [each.times for each in found if each is not None]


def delivery(node: Node, number: int) -> dict[str, str | None]:
    stood = node.reading.record("contact", f"c{number}")
    assert stood is not None
    told: dict[str, str | None] = record_form(stood, ORG)["delivery"]["times"]
    return told


def rows(node: Node) -> int:
    with node.engine.connect() as connection:
        return connection.scalar(select(func.count()).select_from(delivery_times)) or 0


def test_each_step_has_its_time_once_it_is_taken_and_a_batch_takes_one_row(node: Node) -> None:
    nothing = dict.fromkeys(("sent", "logged", "witnessed", "in_view"))
    assert delivery(node, 4) == {"saved": NOON, "signed": NOON, **nothing}
    receipt(node, 5, 2, Span(1, 8, at(1)))
    node.log.deliver(4, at(3))
    full = Times(at(1), at(2), at(3))
    assert times(node, 4, 5, 6, 9) == [full, full._replace(witnessed=None), Times(sent=at(1)), NEVER]
    assert delivery(node, 4) == {
        "saved": NOON, "signed": NOON, "sent": at(1), "logged": at(2), "witnessed": at(3), "in_view": at(2)
    }  # fmt: skip
    assert delivery(node, 6) == {"saved": NOON, "signed": NOON, **nothing, "sent": at(1)}
    assert rows(node) == 3
    assert [each.times for each in node.reading.history("contact", "c4")] == [full]
    assert [each.times for each in node.reading.page(["contact"]).items][2:4] == times(node, 4, 5)


def test_what_is_said_again_changes_no_time_and_writes_nothing(node: Node) -> None:
    receipt(node, 5, 2, Span(1, 8, at(1)))
    node.log.deliver(5, at(3))
    before = times(node, 5, 6), rows(node)
    receipt(node, 5, 7, Span(4, 8, at(6)))
    node.log.deliver(4, at(8))
    assert (times(node, 5, 6), rows(node)) == before
    node.outbox.sent(10, [Span(6, 9, at(9)), Span(9, 10, at(10))])
    assert [each.sent for each in times(node, 8, 9, 10)] == [at(1), at(9), at(10)]


def test_an_event_of_which_no_time_was_kept_has_none_though_those_around_it_have(node: Node) -> None:
    receipt(node, 3, 1, Span(1, 3, at(1)))
    receipt(node, 6, 2)  # a process before this one had sent them, and ended
    receipt(node, 9, 4, Span(7, 9, at(3)))
    assert [each.sent for each in times(node, 3, 4, 6, 7)] == [at(1), None, None, at(3)]
    assert [each.logged for each in times(node, 3, 4, 6, 7)] == [at(1), at(2), at(2), at(4)]


def test_what_the_hub_has_lost_is_logged_again_at_another_time(node: Node) -> None:
    receipt(node, 3, 2, Span(1, 10, at(1)))
    receipt(node, 10, 3)
    receipt(node, 6, 4)
    assert delivery(node, 8)["logged"] is None
    receipt(node, 10, 5)
    assert [each.logged for each in times(node, 3, 6, 7, 10)] == [at(2), at(3), at(5), at(5)]
    assert [each.sent for each in times(node, 7)] == [at(1)]


def test_what_is_sealed_anew_has_no_times_of_what_it_replaces(node: Node) -> None:
    refused = Judged(6, "error", "key-not-valid", "", "", "[]", "")
    receipt(node, 5, 2, Span(1, 10, at(1)))
    node.outbox.logged(Promise(5, 105, b""), [], [refused], {"logged": 5}, at=at(3))
    another = node.keys.following(node.reading.in_use()).public.thumbprint
    with Writing.begin(node.engine) as writing:
        writing.use(writing.in_use()._replace(signing=another))
    assert mend(node) == 5
    assert times(node, 5, 6, 10) == [Times(at(1), at(2)), NEVER, NEVER]
    receipt(node, 10, 5, Span(6, 10, at(4)))
    assert times(node, 5, 6) == [Times(at(1), at(2)), Times(at(4), at(5))]


def test_with_the_next_log_every_step_is_taken_anew(node: Node) -> None:
    receipt(node, 10, 2, Span(1, 10, at(1)))
    node.log.deliver(10, at(3))
    with Writing.begin(node.engine) as writing:
        go_over(writing.connection, NextLog("key", b"token", b"body", None), at(4))
    assert times(node, 4) == [NEVER]
    receipt(node, 10, 6, Span(1, 10, at(5)))
    assert times(node, 4) == [Times(at(5), at(6))]


def test_a_record_that_is_kept_here_only_was_saved_and_nothing_else(node: Node) -> None:
    node.editor.apply([put("secret", marking="TLP:RED")])
    stood = node.reading.record("contact", "secret")
    assert stood is not None
    told = record_form(stood, ORG)["delivery"]["times"]
    assert told == {**dict.fromkeys(("signed", "sent", "logged", "witnessed", "in_view")), "saved": NOON}


def test_what_waits_for_the_join_was_saved_and_is_signed_later(tmp_path: Path) -> None:
    made = make_node(tmp_path / "node")
    Editor(made.engine, made.keys, made.directory, noon).apply([put("c2")])
    told = delivery(made, 2)
    assert (told["saved"], told["signed"]) == (NOON, None)
    made.engine.dispose()


def test_of_what_was_before_the_migration_no_time_is_kept(node: Node) -> None:
    with node.engine.begin() as connection:
        delivery_times.drop(connection)
        connection.execute(update(relay).values(sent=6, logged=5, witnessed=4))
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0014'")
    migrate(node.engine, MIGRATIONS)
    assert times(node, 2, 6) == [NEVER, NEVER]
    receipt(node, 7, 2, Span(7, 7, at(1)))
    node.log.deliver(6, at(3))
    assert times(node, 4, 5, 6, 7) == [
        NEVER, NEVER._replace(witnessed=at(3)), Times(None, at(2), at(3)), Times(at(1), at(2)),
    ]  # fmt: skip
    told = delivery(node, 4)
    assert (told["signed"], told["sent"], told["logged"], told["witnessed"]) == (NOON, None, None, None)
