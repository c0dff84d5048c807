"""The page Outbox: what waits and since when, what the hub said, alarms and who may settle them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from node.alarms import Finding, Name
from node.node import Node
from node.pages.desk import Role
from node.progress import Alarm
from node.store import Judged, Promise
from tests.node.nodes import joined_node, put
from tests.node.pages.asked import Reader, words_of

WHY = "Restored from a backup; all entries are back."


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    node = joined_node(tmp_path / "node")
    node.editor.apply([put("duty")])
    yield node
    node.engine.dispose()


def test_what_waits_is_listed_with_its_step_and_what_the_hub_said(node: Node) -> None:
    no = Judged(2, "error", "schema-invalid", "a field", "", "[]", "2026-11-26T12:00:00.000Z")
    node.outbox.logged(Promise(1, 0, b""), [], [no], {"logged": 1, "sent": 2})
    page = Reader(node, Role.OFFICER).read("/en/outbox")
    words = words_of(page)
    assert "2 events wait." in words
    assert "nothing is sent" in words, "it is not served"
    rows = [" ".join(row.text_content().split()) for row in page.xpath("//tbody/tr")]
    assert "logged, waits for witnesses" in rows[0]
    assert rows[1].startswith("2 duty")
    assert "sent" in rows[1]
    assert "refused" in rows[1]


def test_an_empty_outbox_says_that_all_is_proven(node: Node) -> None:
    node.log.deliver(2)
    assert "Nothing waits: all that was published is proven" in Reader(node, Role.OFFICER).words("/en/outbox")


def test_a_long_outbox_comes_in_pages(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("node.pages.outbox.SHOWN", 1)
    reader = Reader(node, Role.OFFICER)
    page = reader.read("/en/outbox")
    following = page.xpath("//a[@rel='next']/@href")[0]
    assert "2 duty" in " ".join(reader.read(following).xpath("//tbody")[0].text_content().split())
    reader.read("/en/outbox?after=x")
    assert reader.status == 404


def test_an_alarm_is_settled_by_an_administrator_with_a_reason(node: Node) -> None:
    node.log.sound(Finding(Name.ROLLED_BACK, "It went back.", 9, {}), "2026-11-24T12:00:00.000Z")
    officer, administrator = Reader(node, Role.OFFICER), Reader(node, Role.ADMINISTRATOR)
    assert "whether the hub was restored" in officer.words("/en/outbox")
    officer.send("/en/outbox/settle", alarm="1", reason=WHY)
    assert officer.status == 403
    page = administrator.send("/en/outbox/settle", alarm="1", reason=" ")
    assert administrator.status == 422
    assert page.xpath("//*[@id='errors']//a/@href") == ["#reason-1"]
    assert node.log.standing()
    page = administrator.send("/en/outbox/settle", alarm="1", reason=WHY)
    assert administrator.status == 200
    assert WHY in words_of(page)
    assert not node.log.standing()
    assert [each.outcome for each in node.acts.listed(act="alarm.settled")] == ["done", "refused"]


def test_an_alarm_of_the_chain_is_told_and_cannot_be_settled(node: Node) -> None:
    node.outbox.sound_alarm(Alarm.DIVERGED, "The hub has another statement 2.")
    page = Reader(node, Role.ADMINISTRATOR).read("/en/outbox")
    assert "cannot be settled" in words_of(page)
    assert not page.xpath("//form[contains(@action, 'settle')]")
