"""Tests of the page of accession: where each State stands with each instrument, and what is missing."""

from typing import Any

import pytest

from hub.pages.accessions import Question, stand, standing
from schemas.codelists import countries, instruments
from tests.hub.pages.asked import Reader
from tests.hub.published import Published, example

LEFT_OUT = ("action", "action_date", "in_force_on", "withdrawn_on", "signature_date", "assistance_need")
INSTRUMENT = next(iter(instruments()))


def accession(state: str = "KEN", **changes: Any) -> dict[str, Any]:
    left_out = dict.fromkeys(
        ("action", "action_date", "in_force_on", "withdrawn_on", "signature_date", "assistance_need")
    )
    return example(
        "accession", **left_out | {"state": state, "instrument": INSTRUMENT, "as_of": "2026-01-01"} | changes
    )


@pytest.mark.parametrize(
    ("said", "where"),
    [
        ([], "unknown"),
        ([{"as_of": "2026-01-01"}], "unknown"),
        ([{"as_of": "2026-01-01", "signature_date": "2001-01-01"}], "signed"),
        ([{"as_of": "2026-01-01", "action": "accession"}], "party"),
        ([{"as_of": "2026-01-01", "action": "accession", "withdrawn_on": "2025-01-01"}], "left"),
        ([{"as_of": "2026-01-01", "action": "accession"}, {"as_of": "2020-01-01"}], "party"),
    ],
    ids=["silence", "nothing", "signed", "party", "left", "newest"],
)
def test_where_a_state_stands_is_what_the_newest_says(said: list[dict[str, Any]], where: str) -> None:
    assert standing([{"record": record} for record in said]) == where


def test_a_state_has_a_line_for_each_instrument_also_where_nobody_says_anything() -> None:
    assert len(stand([], Question(place=["KEN"]), None)) == len(instruments()) == 19
    of_one = stand([], Question(), INSTRUMENT)
    assert {each.state for each in of_one} == {code for code, each in countries().items() if each.state}


def test_the_page_says_what_is_missing_and_who_says_so(small_network: Published) -> None:
    small_network.publish("accession", accession(signature_date="2001-12-04"), id="a1")
    small_network.publish("accession", accession("TCD", action="accession", action_date="2002-01-01"), id="a2")
    reader = Reader(small_network)
    line = next(
        row for row in reader.read("/en/accessions?place=KEN").xpath("//tbody/tr") if "signed" in row.text_content()
    )
    assert "ratification, acceptance or approval" in line.text_content()
    assert line.xpath(".//a/@href")[-1] == "/en/records/accession/xa-centre/a1"
    words = reader.words(f"/en/accessions?instrument={INSTRUMENT}")
    assert "Chad" in words
    assert "2002" in words


def test_an_instrument_that_is_none_is_said_on_the_page(small_network: Published) -> None:
    reader = Reader(small_network)
    assert "There is no such instrument" in reader.words("/en/accessions?instrument=none")
    assert reader.status == 422
    assert len(reader.read("/en/accessions").xpath("//main//ul/li")) == 19
