"""Tests of hub/exports/atom.py: read by feedparser."""

from typing import Any

import feedparser
from fastapi.testclient import TestClient

from tests.hub.exports.conftest import FORMULA
from tests.signed_network import NETWORK

ATOM = "/api/v1/records.atom"


def feed(client: TestClient, language: str = "en", **asked: str) -> Any:
    answer = client.get(ATOM, params=asked, headers={"Accept-Language": language})
    assert answer.headers["content-type"] == "application/atom+xml"
    found = feedparser.parse(answer.content)
    assert (found.bozo, found.version) == (False, "atom10")
    return found


def test_entries_have_a_permanent_id_a_page_a_time_and_an_author(reader: TestClient) -> None:
    found = feed(reader, kind="need")
    newest, first = found.entries
    assert (newest.title, newest.id) == (FORMULA, f"https://{NETWORK}/records/need/xa-centre/formula")
    assert newest.link == "http://testserver/records/need/xa-centre/formula"
    assert (newest.updated[:5], newest.updated[-1]) == ("2026-", "Z")
    assert newest.author == "National Centre of Xandia"
    assert first.summary == "Seven of nine posts have no reader. We ask for equipment and training."
    assert {"need", "theme_1373:2.10", "fatf:R.32"} == {tag.term for tag in first.tags}
    assert first.rights == "TLP:CLEAR"


def test_titles_come_in_the_language_that_is_asked_for_and_say_which(reader: TestClient) -> None:
    arabic = feed(reader, "ar", kind="need").entries[1]
    assert (arabic.title, arabic.title_detail.language) == ("مراكز حدودية بلا أجهزة قراءة الوثائق", "ar")
    english = feed(reader, "ar", kind="plan").entries[0]
    assert (english.title, english.title_detail.language) == ("Plan of action 2026", "en")


def test_the_feed_says_what_was_asked_for_as_of_when_and_where_it_is(reader: TestClient) -> None:
    found = feed(reader, kind="need").feed
    assert (found.title, found.id) == (f"{NETWORK}: kind: need", f"https://{NETWORK}{ATOM}?kind=need")
    assert found.subtitle.startswith("As of 20")
    assert [link.href for link in found.links if link.rel == "self"] == [f"http://testserver{ATOM}?kind=need"]


def test_an_empty_feed_is_a_feed(reader: TestClient) -> None:
    found = feed(reader, q="zanzibar")
    assert (found.entries, bool(found.feed.updated)) == ([], True)
