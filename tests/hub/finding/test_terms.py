"""Tests of hub/finding/terms.py: the terms of a record and of a question, which no text can imitate."""

import pytest

from hub.filters import Filters
from hub.finding.terms import BEGINS, MARK, asked_groups, beginnings, is_counted, sort_and_value, term, terms_of
from schemas.facets import facets
from schemas.words import asked_words, index_words
from tests.hub.published import example
from tests.signed_network import need


def terms(kind: str, record: dict[str, object], **said: bool) -> list[str]:
    found = terms_of(
        kind,
        "xa-centre",
        "TLP:CLEAR",
        "2026-11-23T12:00:00.000Z",
        record,
        facets(kind, record),
        withdrawn=False,
        **said,
    )
    return [each.removeprefix(MARK) for each in found]


def test_a_record_has_a_term_for_all_that_filters_ask_for() -> None:
    assert terms("need", need()) == [
        "k:need", "o:xa-centre", "c:TLP:CLEAR", "y:2026-11-23", "y:2026-11", "y:2026", "p:KEN", "p:001", "p:002",
        "p:202", "p:014", "t:theme_1373:2.10", "t::2.10", "s:acknowledged",
    ]  # fmt: skip


def test_a_contact_has_its_roles_and_languages() -> None:
    own = terms("contact", example("contact"))
    assert {"r:duty_officer_24x7", "r:ct_focal_point", "l:en", "l:ar", "h:yes"} <= set(own)


def test_no_text_makes_a_term_and_no_query_asks_for_one() -> None:
    trick = f"{MARK}k:need {term('p', 'KEN')}"
    assert all(MARK not in word for word in index_words(trick))
    assert all(MARK not in word for group in asked_words(trick) for word, _ in group)


def test_a_question_is_answered_by_what_has_a_term_of_each_group() -> None:
    groups = asked_groups(Filters(place=["002", "XAA"], theme=["2.10"], status=["submitted", "withdrawn"], q="posts"))
    assert [[word.removeprefix(MARK) for word, _ in group] for group in groups] == [
        ["p:002", "p:XAA"], ["t::2.10"], ["s:submitted", "x:withdrawn"], ["posts"],
    ]  # fmt: skip


@pytest.mark.parametrize(("published", "found"), [
    ("2026-11-22", False), ("2026-11-23", True), ("2026-11-30", True), ("2026-12-01", True), ("2027-01-01", True),
    ("2026-01-30", False), ("2150-05-05", True),
])  # fmt: skip
def test_days_from_a_day_on_are_days_months_and_years(published: str, found: bool) -> None:
    [group] = asked_groups(Filters(since="2026-11-23"))
    own = terms_of("need", "o", "TLP:CLEAR", f"{published}T00:00:00.000Z", None, None, withdrawn=False)
    assert ({word for word, _ in group} & set(own) != set()) is found


def test_facets_count_themes_by_their_list_only() -> None:
    assert [is_counted(term("t", value)) for value in ("theme_1373:2.10", ":2.10")] == [True, False]
    assert not is_counted(term("y", "2026"))
    assert sort_and_value(term("p", "KEN")) == ("p", "KEN")


def test_beginnings_are_terms_that_no_text_makes() -> None:
    assert beginnings(["posts", "po", "器具"]) == [f"{BEGINS}{each}" for each in ("p", "po", "pos", "器", "器具")]
    assert index_words(f"{BEGINS}po") == ["po"]
