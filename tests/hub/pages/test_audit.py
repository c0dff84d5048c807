"""Tests of the log explorer: entries by organization, key and day, and a feed to watch them."""

import feedparser
import pytest

from tests.hub.pages.asked import Reader
from tests.hub.published import Published
from tests.hub.signing import sign
from tests.signed_network import key_of, need


@pytest.fixture
def reader(small_network: Published) -> Reader:
    small_network.publish("need", need("Readers"), id="n1")
    small_network.publish("need", need("Police"), id="n1", org="xb-police")
    sign(small_network)
    small_network.publish("need", need("Later"), id="n2")
    return Reader(small_network)


def entries(reader: Reader, address: str) -> list[str]:
    return [row.xpath("th")[0].text_content() for row in reader.read(address).xpath("//main//tbody/tr")]


def test_all_entries_are_there_newest_first(reader: Reader) -> None:
    assert entries(reader, "/en/audit") == ["#5", "#4", "#3", "#2", "#1", "#0"]
    assert entries(reader, "/en/audit?before=2") == ["#1", "#0"]


def test_entries_are_chosen_by_organization_key_and_day(reader: Reader) -> None:
    key = key_of("xb-police").public.thumbprint
    assert entries(reader, "/en/audit?org=xa-centre") == ["#5", "#2"]
    assert entries(reader, f"/en/audit?key={key}") == ["#4"]
    assert entries(reader, f"/en/audit?key={key}&org=xa-centre") == []
    assert entries(reader, "/en/audit?day=2026-11-23") == ["#4", "#3", "#2", "#1", "#0"]
    assert entries(reader, f"/en/audit?day=2026-11-23&key={key}") == ["#4"]


@pytest.mark.parametrize("query", ["key=none", "day=1999-01-01", "day=never", "before=-1", "org=" + "x" * 50])
def test_what_cannot_be_asked_is_said_on_the_page(reader: Reader, query: str) -> None:
    assert "There is a problem" in reader.words(f"/en/audit?{query}")
    assert reader.status == 422


def test_an_organization_or_a_key_is_watched_in_a_feed_reader(reader: Reader) -> None:
    feed = feedparser.parse(reader.client.get(f"/en/audit.atom?key={key_of('xb-police').public.thumbprint}").content)
    assert not feed.bozo
    assert [entry.title for entry in feed.entries] == ["#4 xb-police: published need/xb-police/n1"]
    assert reader.client.get("/en/audit.atom?key=none").status_code == 400


def test_an_entry_is_shown_as_it_was_signed(reader: Reader, small_network: Published) -> None:
    words = reader.words("/en/audit/log/4")
    assert small_network.logged()[4].decode() in words
    assert "liaison.need.published" in words
    assert reader.client.get("/en/audit/log/99").status_code == 404
    assert reader.client.get("/en/audit/log/-1").status_code == 404
