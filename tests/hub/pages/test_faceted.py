"""Tests of hub/pages/faceted.py: choices of a facet, and the same list as a file."""

import pytest

from hub.filters import Filters
from hub.finding import facet_counts
from hub.finding.facet_counts import Facets
from hub.pages.faceted import SHOWN, Choice, choices, countries_in, exported
from tests.hub.pages.asked import Reader
from tests.hub.published import Published
from tests.signed_network import need

COUNTS = {"p": {"KEN": 2, "UGA": 5, "002": 7}, "o": {"xa-centre": 1}}


def test_the_most_frequent_and_the_chosen_come_first() -> None:
    found = Facets(7, more=False, counts={"l": {f"x{number:02d}": number for number in range(20)}}, exact=True)
    first, rest = choices(found, "l", ["x00", "xx"])
    assert first[:2] == [Choice("x19", 19), Choice("x18", 18)]
    assert first[-2:] == [Choice("x00", 0), Choice("xx", 0)]
    assert len(first) == SHOWN + 2
    assert len(rest) == 9


def test_where_nothing_was_counted_no_count_is_given_and_regions_are_no_states() -> None:
    found = Facets(3, more=True, counts=COUNTS, exact=False)
    assert sorted(countries_in(found, "p")) == ["KEN", "UGA"]
    assert choices(found, "p", [], kept=countries_in(found, "p")).first == [Choice("UGA", None), Choice("KEN", None)]


def test_a_file_has_all_filters_and_no_page() -> None:
    asked = Filters(kind=["contact"], q="a b", available_24x7=True)
    assert exported(asked, "csv") == [("csv", "/api/v1/records.csv?kind=contact&q=a+b&available_24x7=true")]


def test_of_more_than_can_be_counted_the_page_says_so_in_words(
    small_network: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(facet_counts, "MOST", 2)
    for number in range(3):
        small_network.publish("need", need("Readers"), id=f"n{number}")
    reader = Reader(small_network)
    words = reader.words("/en/needs?q=readers")
    assert "More than 2 found. Choose more filters to see how many there are of each." in words
    page = reader.read("/en/needs?q=readers")
    assert page.xpath("//fieldset//input"), "the choices are there"
    assert page.find_class("li-count") == []
    assert "3 found" in reader.words("/en/needs")
