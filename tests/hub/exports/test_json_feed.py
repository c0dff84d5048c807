"""Tests of hub/exports/json_feed.py: the members that JSON Feed 1.1 wants."""

from fastapi.testclient import TestClient

from tests.signed_network import NETWORK

FEED = "/api/v1/records.feed.json"


def test_a_feed_has_what_version_1_1_wants(reader: TestClient) -> None:
    answer = reader.get(FEED, params={"kind": "need"}, headers={"Accept-Language": "fr"})
    assert answer.headers["content-type"] == "application/feed+json"
    found = answer.json()
    assert (found["version"], found["language"]) == ("https://jsonfeed.org/version/1.1", "fr")
    assert found["feed_url"] == f"http://testserver{FEED}?kind=need"
    assert (found["title"], found["_liaison"]["as_of"][-1]) == (f"{NETWORK}: kind: need", "Z")
    [_, first] = found["items"]
    assert first["id"] == f"https://{NETWORK}/records/need/xa-centre/need1"
    assert first["url"] == "http://testserver/records/need/xa-centre/need1"
    assert (first["title"], first["language"]) == ("Postes frontière sans lecteurs de documents", "fr")
    assert (first["content_text"][:5], first["date_modified"][-1]) == ("Seven", "Z")
    assert first["authors"] == [{"name": "Centre national"}]
    assert first["tags"] == ["need", "Effective border controls and related issues", "Cash couriers"]
    assert (first["_liaison"]["freshness"], first["_liaison"]["marking"]) == ("confirmed", "TLP:CLEAR")


def test_extensions_begin_with_an_underscore(reader: TestClient) -> None:
    known = {"version", "title", "description", "language", "home_page_url", "feed_url", "next_url", "items"}
    items = {"id", "url", "title", "language", "content_text", "date_modified", "authors", "tags"}
    found = reader.get(FEED).json()
    ours = [name for name in (set(found) - known) | (set(found["items"][0]) - items) if not name.startswith("_")]
    assert ours == []
