"""The signed test event: it passes once the hub has logged it, and says what else became of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from node.doctor import Check, Result, there_and_back
from node.lock import sole_server
from node.node import Node
from node.progress import Alarm
from node.store import Judged, Promise
from tests.node.nodes import joined_node


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    node = joined_node(tmp_path / "node")
    yield node
    node.engine.dispose()


def sent(node: Node, hub: object = None, seconds: float = 0.3) -> Check:
    """Send it; `hub` is what the hub does meanwhile, `seconds` how long its answer is waited for."""
    with sole_server(node.settings.directory):
        return there_and_back(node, seconds, rest=hub or (lambda _seconds: None))  # type: ignore[arg-type]


def test_without_a_running_node_nothing_is_signed(node: Node) -> None:
    assert there_and_back(node).result is Result.NOT_CHECKED
    assert node.outbox.head()[0] == 1


def test_it_is_a_confirmation_of_the_own_record_that_comes_back_witnessed(node: Node) -> None:
    told: list[int] = []
    with sole_server(node.settings.directory):
        found = there_and_back(node, 60, lambda: told.append(node.log.deliver(2)))
    assert found.result is Result.PASS
    assert "Event 2" in found.cause
    assert "quorum" in found.cause
    assert told == [2], "the running node is told at once"
    assert [each.action for each in node.reading.history("organization", "xa-centre")] == ["published", "confirmed"]


def test_logged_without_a_quorum_passes_and_says_so(node: Node) -> None:
    found = sent(node, lambda _seconds: node.outbox.note(logged=2))
    assert found.result is Result.PASS
    assert "may come" in found.cause


def test_it_fails_when_nothing_comes_back_or_the_hub_refuses_it(node: Node) -> None:
    assert "did not come back" in sent(node).cause

    def refuse(_seconds: float) -> None:
        no = Judged(3, "error", "schema-invalid", "a field", "", "[]", "2026-11-26T12:00:00.000Z")
        node.outbox.logged(Promise(0, -1, b""), [], [no], {"logged": 0})

    found = sent(node, refuse, 60)
    assert found.result is Result.FAIL
    assert "refuses event 3: schema-invalid" in found.cause


def test_under_an_alarm_it_says_why_nothing_can_be_signed(node: Node) -> None:
    node.outbox.sound_alarm(Alarm.RESTORED, "It is older than what was published.")
    found = sent(node)
    assert found.result is Result.FAIL
    assert "older" in found.detail
