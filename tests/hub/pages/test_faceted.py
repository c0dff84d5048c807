"""Tests of hub/pages/faceted.py: choices of a facet, and the same list as a file."""

from hub.filters import Filters
from hub.finding.facet_counts import Facets
from hub.pages.faceted import SHOWN, Choice, choices, countries_in, exported, organizations_in

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
    assert organizations_in(found, "o") == ["xa-centre"]
    assert choices(found, "p", [], kept=countries_in(found, "p")).first == [Choice("UGA", None), Choice("KEN", None)]


def test_a_file_has_all_filters_and_no_page() -> None:
    asked = Filters(kind=["contact"], q="a b", available_24x7=True)
    assert exported(asked, "csv") == [("csv", "/api/v1/records.csv?kind=contact&q=a+b&available_24x7=true")]
