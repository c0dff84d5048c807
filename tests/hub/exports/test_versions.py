"""Tests of hub/exports/versions.py: a record's own feed, as feed readers see it, and what it must not tell."""

from typing import Any

import feedparser
import pytest
from fastapi.testclient import TestClient

from hub.access import create_token
from tests.hub.erasing import ADDRESS, SECRET, order, say
from tests.hub.published import Published
from tests.hub.serving import api_of
from tests.signed_network import NETWORK, need

HISTORY = "/api/v1/records/need/xa-centre/n1/history"


@pytest.fixture
def told(small_network: Published) -> Published:
    small_network.publish("need", need("First"), id="n1")
    small_network.publish("need", need("Left out", consent_to_publish=False), id="n1", action="revised")
    small_network.publish("need", need("Green"), id="n1", action="revised", marking="TLP:GREEN")
    small_network.publish("need", need("Clear"), id="n1", action="revised")
    small_network.publish("need", need("Another record"), id="n2")
    return small_network


def client(network: Published, role: str | None = None) -> TestClient:
    found = TestClient(api_of(network))
    if role:
        found.headers["Authorization"] = f"Bearer {create_token(network.engine, role, 'x')}"
    return found


def atom(network: Published, role: str | None = None, **asked: Any) -> Any:
    answer = client(network, role).get(f"{HISTORY}.atom", params=asked)
    assert answer.headers["content-type"] == "application/atom+xml"
    found = feedparser.parse(answer.content)
    assert (found.bozo, found.version) == (False, "atom10")
    return found


def test_each_version_is_an_entry_the_newest_first(told: Published) -> None:
    found = atom(told)
    assert found.feed.title == f"{NETWORK}: need/xa-centre/n1"
    assert [entry.title for entry in found.entries] == [
        "Clear", "need/xa-centre/n1", "need/xa-centre/n1", "First",
    ]  # fmt: skip
    newest = found.entries[0]
    assert newest.summary == "Changed: title."
    assert newest.id.startswith(f"https://{NETWORK}/records/need/xa-centre/n1?version=")
    assert newest.link == newest.id.replace(f"https://{NETWORK}", "http://testserver")
    assert found.entries[-1].summary == "Published."
    assert len({entry.id for entry in found.entries}) == 4


def test_it_tells_no_more_than_the_page(told: Published) -> None:
    public = client(told).get(f"{HISTORY}.atom").text + client(told).get(f"{HISTORY}.feed.json").text
    for word in ("Green", "Left out<", '"Left out"', "Another record"):
        assert word not in public
    assert "Its text is not shown with the access you have." in public
    assert "Left out of the view: consent-missing." in public
    assert [entry.title for entry in atom(told, "member").entries][1] == "Green"
    missing = client(told).get("/api/v1/records/need/xa-centre/none/history.atom")
    assert missing.status_code == 404


def test_what_was_erased_is_told_without_its_text(told: Published) -> None:
    first = say(told)
    say(told, record=need("Now"), action="revised")
    order(told, first)
    answer = client(told).get(f"/api/v1/records/{ADDRESS}/history.atom")
    entry = feedparser.parse(answer.content).entries[-1]
    assert (entry.title, entry.summary) == (ADDRESS, "Published. Erased by order.")
    assert SECRET not in answer.text


def test_the_json_feed_has_the_same_and_readers_hear_that_nothing_has_changed(told: Published) -> None:
    reader = client(told)
    answer = reader.get(f"{HISTORY}.feed.json")
    document = answer.json()
    assert document["version"] == "https://jsonfeed.org/version/1.1"
    assert [item["_liaison"]["action"] for item in document["items"]] == ["revised", "revised", "revised", "published"]
    again = reader.get(f"{HISTORY}.feed.json", headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304


def test_older_versions_are_behind_the_next_link(told: Published, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.exports.api.VERSIONS", 3)
    first = atom(told)
    assert len(first.entries) == 3
    following = next(link.href for link in first.feed.links if link.rel == "next")
    second = feedparser.parse(client(told).get(following).content)
    assert [entry.title for entry in second.entries] == ["First"]
