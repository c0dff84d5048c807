"""The node's metrics: what they say follows what there is, with few labels and without counting rows."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from node.alarms import Finding, Name
from node.metrics import METRICS, node_metrics
from node.node import Node
from node.progress import Alarm
from tests.node.logs import Watched
from tests.node.nodes import joined_node, make_node, put

AT = "2026-11-24T12:00:00.000Z"


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    node = joined_node(tmp_path / "node")
    yield node
    node.engine.dispose()


def values(node: Node, now: datetime | None = None) -> dict[str, Any]:
    """The metrics without labels by name, those with one by name and label."""
    found: dict[str, Any] = {}
    for name, samples in node_metrics(node, now or datetime.now(UTC)).items():
        for labels, value in samples:
            found["/".join((name.removeprefix("liaison_node_"), *labels))] = value
    return found


def test_an_alarm_is_one_while_it_stands(node: Node) -> None:
    assert {value for name, value in values(node).items() if name.startswith("alarm/")} == {0.0}
    node.log.sound(Finding(Name.SPLIT_VIEW, "two histories", 7, {}), AT)
    node.outbox.sound_alarm(Alarm.DIVERGED, "two copies")
    standing = {name for name, value in values(node).items() if name.startswith("alarm/") and value}
    assert standing == {"alarm/split-view", "alarm/diverged"}
    node.log.settle([1], "It was looked at.", AT)
    assert values(node)["alarm/split-view"] == 0.0


def test_the_outbox_is_told_with_the_age_of_its_oldest_event(node: Node) -> None:
    list(node.editor.apply_many(put(f"c{number}") for number in range(20)))
    events, since = node.outbox.waiting()
    assert events == node.reading.counts().outbox == 21
    assert since is not None
    now = datetime.fromisoformat(since) + timedelta(seconds=90)
    assert values(node, now)["outbox_oldest_seconds"] == 90.0
    node.log.deliver(5)
    assert values(node)["outbox_events"] == node.reading.counts().outbox == 16
    node.log.deliver(21)
    found = values(node)
    assert (found["outbox_events"], found["outbox_oldest_seconds"]) == (0, 0.0)
    node.outbox.reopen(20)
    assert values(node)["outbox_events"] == 2


def test_what_was_read_and_cosigned_is_told(tmp_path: Path) -> None:
    watched = Watched(tmp_path)
    watched.log.take_outbox(watched.node)
    watched.log.grow(5)
    assert values(watched.node)["cosigned_entries"] == 0
    watched.consider()
    found = values(watched.node)
    assert (found["log_read_entries"], found["cosigned_entries"]) == (watched.log.size, watched.log.size)
    watched.close()


def test_the_connection_to_the_bus_is_told(node: Node) -> None:
    assert values(node)["bus_up"] == 0.0
    node.outbox.note(bus="up")
    assert values(node)["bus_up"] == 1.0


def test_before_the_join_there_are_metrics_too(tmp_path: Path) -> None:
    node = make_node(tmp_path / "node")
    assert set(node_metrics(node, datetime.now(UTC))) == set(METRICS)
    node.engine.dispose()


def test_no_query_counts_rows_or_reads_them_all(node: Node) -> None:
    said: list[str] = []
    event.listen(node.engine, "before_cursor_execute", lambda _c, _u, statement, *_: said.append(statement.lower()))
    node_metrics(node, datetime.now(UTC))
    assert said
    assert [each for each in said if "count(" in each or "sum(" in each] == []
    for name in ("statements", "records", "judgements", "registry_statements"):
        assert [each for each in said if f"from {name}" in each] == []
