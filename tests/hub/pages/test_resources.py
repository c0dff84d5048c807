"""Tests of the page of standards and guidance."""

import lxml.html
from fastapi.testclient import TestClient

from tests.hub.published import Published, example
from tests.hub.serving import api_of


def test_standards_are_listed_with_a_link_to_each_and_found_by_their_words(small_network: Published) -> None:
    small_network.publish("resource", example("resource"), id="r1")
    client = TestClient(api_of(small_network))
    page = lxml.html.fromstring(client.get("/en/resources").text)
    assert page.xpath("//main//h2/a/@href") == ["/en/records/resource/xa-centre/r1"]
    assert "Nothing was found" in client.get("/en/resources?q=zanzibar").text


def test_a_members_standard_is_not_shown_to_the_public(small_network: Published) -> None:
    small_network.publish("resource", example("resource"), id="r1", marking="TLP:GREEN")
    assert "Nothing was found" in TestClient(api_of(small_network)).get("/en/resources").text


def test_a_standard_says_who_helps_with_its_themes(small_network: Published) -> None:
    themes = [{"scheme": "theme_1373", "code": "2.10"}]
    small_network.publish("resource", example("resource", themes=themes), id="r1")
    small_network.publish("offer", example("offer", themes=themes, open=True, title={"en": "We train"}), id="o1")
    small_network.publish("offer", example("offer", themes=themes, open=False, title={"en": "Closed"}), id="o2")
    words = TestClient(api_of(small_network)).get("/en/resources").text
    assert "We train" in words
    assert "Closed" not in words
