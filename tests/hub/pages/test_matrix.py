"""Tests of the page of the matrix, and of what is behind its cells."""

import pytest

from tests.hub.pages.asked import Reader
from tests.hub.published import Published
from tests.hub.test_matrix_since import sign
from tests.hub.test_matrix_table import BORDERS, activity
from tests.signed_network import need


@pytest.fixture
def filled(small_network: Published) -> Published:
    small_network.publish("need", need(themes=BORDERS), id="n1")
    sign(small_network)
    small_network.publish("activity", activity("KEN", "donor-one"), id="a1")
    small_network.publish("need", need(themes=BORDERS, beneficiary={"country": "FRA"}), id="n2")
    return small_network


def rows(reader: Reader, address: str) -> list[list[str]]:
    table = reader.read(address).xpath("//table[contains(@class, 'li-matrix')]/tbody/tr")
    return [[" ".join(cell.text_content().split()) for cell in row] for row in table]


def test_regions_come_first_and_open_into_their_states(filled: Published) -> None:
    reader = Reader(filled)
    assert rows(reader, "/en/matrix") == [["Africa", "✓ covered 1 need 1 provider"], ["Europe", "✕ gap 1 need"]]
    [states] = reader.read("/en/matrix").xpath("//th[@scope='row']/a[text()='Africa' or .//text()='Africa']/@href")
    assert rows(reader, states) == [["Kenya", "✓ covered 1 need 1 provider"]]


def test_rows_and_columns_can_be_exchanged_and_gaps_shown_alone(filled: Published) -> None:
    reader = Reader(filled)
    theme = "Effective border controls and related issues"
    assert rows(reader, "/en/matrix?rows=theme&columns=place")[0][0] == theme
    assert rows(reader, "/en/matrix?rows=provider&columns=place") == [["donor-one", "✓ covered 1 need 1 provider"]]
    assert rows(reader, "/en/matrix?rows=place&only_gaps=true") == [["France", "✕ gap 1 need"]]


def test_what_changed_since_a_day_shows_both_states(filled: Published) -> None:
    assert rows(Reader(filled), "/en/matrix?rows=place&since=2026-11-20") == [
        ["France", "· none → ✕ gap 1 need"], ["Kenya", "✕ gap → ✓ covered 1 need 1 provider"],
    ]  # fmt: skip


def test_a_question_that_cannot_be_answered_is_said_beside_the_page(filled: Published) -> None:
    reader = Reader(filled)
    for query, said in (("since=1999-01-01", "no checkpoint"), ("rows=theme&columns=theme", "something else")):
        assert said in reader.words(f"/en/matrix?{query}")
        assert reader.status == 422


def test_a_cell_leads_to_the_records_behind_it(filled: Published) -> None:
    filled.publish("need", need(themes=BORDERS, consent_to_publish=False), id="secret", marking="TLP:GREEN")
    reader = Reader(filled)
    [cell] = reader.read("/en/matrix?rows=place&place=KEN").xpath("//table//td/a/@href")
    page = reader.read(cell)
    assert page.xpath("//section/ul/li/a/@href") == ["/en/needs/xa-centre/n1", "/en/records/activity/xa-centre/a1"]
    [provider] = reader.read("/en/matrix?rows=provider").xpath("//table//td/a/@href")
    assert "/en/records/activity/xa-centre/a1" in reader.read(provider).xpath("//section/ul/li/a/@href")
    assert "Nothing is behind it" in reader.words("/en/matrix/cell?place=ITA&theme=theme_1373:2.10")
