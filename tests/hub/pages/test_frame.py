"""Tests of frame: errors are pages for people and problem documents for programs."""

import lxml.html
from fastapi.testclient import TestClient

from tests.hub.published import Published
from tests.hub.serving import api_of

BROWSER = {"Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"}


def test_a_person_gets_a_page_that_says_what_is_wrong(small_network: Published) -> None:
    client = TestClient(api_of(small_network), headers=BROWSER)
    got = client.get("/fr/nothing")
    assert got.status_code == 404
    page = lxml.html.fromstring(got.text)
    assert page.get("lang") == "fr"
    assert len(page.xpath("//h1")) == 1


def test_a_program_gets_a_problem_document_even_from_a_browser(small_network: Published) -> None:
    client = TestClient(api_of(small_network))
    assert client.get("/nothing").headers["content-type"] == "application/problem+json"
    got = client.get("/api/v1/records?kin=need", headers=BROWSER)
    assert got.headers["content-type"] == "application/problem+json"
