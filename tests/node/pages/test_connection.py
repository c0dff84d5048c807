"""The page Connection: each check in words, its detail for administrators, and the test event."""

import pytest

from node.lock import sole_server
from node.node import Node
from node.pages.desk import Role
from tests.node.pages.asked import Reader, words_of
from tests.pages.left_in_latin import left_in_latin


def test_each_check_is_told_with_its_cause_and_what_to_do(node: Node) -> None:
    reader = Reader(node, Role.REVIEWER)
    page = reader.read("/en/connection")
    words = words_of(page)
    assert "works Database answers and is up to date" in words
    assert "does not work The bus is reached Nothing answers at nats://127.0.0.1:1." in words
    assert "What to do: See that the hub runs" in words
    assert "not checked The clocks agree" in words
    assert not page.xpath("//details"), "technical detail names folders: it is for administrators"
    assert not page.xpath("//form[@method='post'][contains(@action, 'connection')]")
    assert Reader(node, Role.ADMINISTRATOR).read("/en/connection").xpath("//details//pre")


def test_cause_and_what_to_do_are_in_the_language_of_the_page(node: Node) -> None:
    reader = Reader(node, Role.ADMINISTRATOR)
    page = reader.send("/ar/connection/test")
    words = words_of(page)
    assert "لا شيء يجيب عند nats://127.0.0.1:1." in words
    assert "العقدة ليست في الخدمة" in words
    assert [each for each in left_in_latin(page) if each != page.findtext(".//header//bdi")] == []
    assert "Rien ne répond à nats://127.0.0.1:1." in words_of(reader.read("/fr/connection"))


def test_the_test_event_is_sent_on_demand_and_its_result_stays(node: Node) -> None:
    page = Reader(node, Role.OFFICER).send("/en/connection/test")
    assert "not checked A signed test event went there and back The node is not served" in words_of(page)
    before = node.outbox.head()[0]
    with sole_server(node.settings.directory), pytest.MonkeyPatch.context() as patch:
        patch.setattr("node.pages.connection.EVENT_SECONDS", 0.05)
        page = Reader(node, Role.ADMINISTRATOR).send("/en/connection/test")
    assert "did not come back" in words_of(page)
    assert node.outbox.head()[0] == before + 1
    assert node.acts.listed(act="event.tested", outcome="done")


def test_who_may_not_publish_sends_no_test_event(node: Node) -> None:
    reader, before = Reader(node, Role.REVIEWER), node.outbox.head()[0]
    reader.send("/en/connection/test")
    assert reader.status == 403
    assert node.outbox.head()[0] == before
    reader = Reader(node)
    assert "/login" in reader.client.get("/en/connection", follow_redirects=False).headers["location"]
