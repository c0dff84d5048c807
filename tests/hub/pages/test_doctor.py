"""The page This hub: for operators, each check with its word, cause and what to do."""

from pathlib import Path

from hub.operating.health import Senses
from tests.hub.operating.operators import Office, parsed
from tests.hub.published import Published


def test_operators_find_each_check_in_words_and_nobody_else_does(small_network: Published, directory: Path) -> None:
    office = Office(small_network, senses=Senses(directory=directory))
    assert office.client("member").get("/en/doctor").status_code == 403
    answer = office.client().get("/en/doctor")
    assert answer.headers["cache-control"] == "no-store"
    page = parsed(answer).get_element_by_id("content")
    words = " ".join(page.text_content().split())
    assert "✓ works Settings can be read" in words
    assert "! needs attention The hub runs" in words
    assert "What to do: Start it: liaison-hub serve" in words
    assert len(page.xpath(".//ol/li")) == 16
