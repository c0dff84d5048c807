"""Tests of hub/exports/entries.py: the newest first, older ones by following the links, each once."""

import feedparser
import pytest
from fastapi.testclient import TestClient

from hub.exports.entries import PAGE
from tests.hub.published import Published
from tests.hub.serving import api_of
from tests.signed_network import need


@pytest.mark.parametrize("suffix", [".atom", ".feed.json"])
def test_following_the_links_gives_everything_once_the_newest_first(
    small_network: Published, monkeypatch: pytest.MonkeyPatch, suffix: str
) -> None:
    monkeypatch.setattr("hub.exports.api.PAGE", 2)
    for number in range(5):
        small_network.publish("need", need(f"Need {number}"), id=f"n{number}")
    small_network.publish("need", need("Need 1 again"), id="n1", action="revised")
    client, seen = TestClient(api_of(small_network)), list[str]()
    address: str | None = f"/api/v1/records{suffix}?kind=need&place=KEN"
    while address:
        answer = client.get(address)
        if suffix == ".atom":
            page = feedparser.parse(answer.content)
            seen += [entry.title for entry in page.entries]
            address = next((link.href for link in page.feed.links if link.rel == "next"), None)
        else:
            seen += [item["title"] for item in answer.json()["items"]]
            address = answer.json().get("next_url")
    assert seen == ["Need 1 again", "Need 4", "Need 3", "Need 2", "Need 0"]


def test_a_page_has_a_hundred_entries() -> None:
    assert PAGE == 100


def test_erased_and_withdrawn_records_break_no_feed(reader: TestClient) -> None:
    [entry] = feedparser.parse(reader.get("/api/v1/records.atom?status=withdrawn").content).entries
    assert entry.title == "Withdrawn"
    assert feedparser.parse(reader.get("/api/v1/records.atom?status=erased").content).entries == []
