"""Every record can be found by title, place, theme, status and words."""

from typing import Any

import pytest

from schemas.facets import facets, in_words
from tests.schemas.records.test_records import RECORDS


@pytest.mark.parametrize(
    ("kind", "title", "places", "status"),
    [
        ("organization", "National Centre of Xandia", ("XAA",), None),
        ("contact", "Duty office", ("XAA",), None),
        ("link", "xa-centre · memorandum_of_understanding · XI-IATI:REGIONAL-BODY", ("014",), None),
        ("assessment", "XAA · fatf-4", ("XAA",), None),
        ("finding", "Most States of the region lack document readers at land borders.", ("014",), None),
        ("need", "Border posts without document readers", ("XAA",), "acknowledged"),
        ("offer", "Training of border officers", ("014", "XAA"), "open"),
        ("activity", "Readers for land borders", ("XAA", "014"), "2"),
        ("resource", "Pack for accession to the Financing Convention", (), None),
        ("priority", "Land borders first", ("014",), "active"),
        ("plan", "Plan of action 2026", (), None),
        ("accession", "XAA · FINANCING1999", ("XAA",), "ratification"),
    ],
)
def test_the_facets_of_each_kind(kind: str, title: str, places: tuple[str, ...], status: str | None) -> None:
    found = facets(kind, RECORDS[kind])
    assert (found.title, found.places, found.status) == (title, places, status)


def test_themes_and_sectors_are_found_once_each_and_criteria_are_no_themes() -> None:
    assert facets("need", RECORDS["need"]).themes == (("theme_1373", "2.10"), ("fatf", "R.32"))
    assert facets("assessment", RECORDS["assessment"]).themes == ()
    sectors = facets("activity", RECORDS["activity"] | {"themes": [{"scheme": "theme_1373", "code": "2.10"}]}).themes
    assert sectors == (("theme_1373", "2.10"), ("dac_crs", "15210"))


def languages(value: Any) -> list[str]:
    """Every text by language in a record, wherever it stands."""
    if isinstance(value, dict):
        if value and all(len(key) == 2 and isinstance(text, str) for key, text in value.items()) and "id" not in value:
            return list(value.values())
        return [text for inner in value.values() for text in languages(inner)]
    return [text for inner in value for text in languages(inner)] if isinstance(value, list) else []


@pytest.mark.parametrize("kind", ["organization", "contact", "need", "offer", "priority", "finding", "resource"])
def test_every_text_in_every_language_is_searched(kind: str) -> None:
    record = {name: value for name, value in RECORDS[kind].items() if name != "decision_document"}
    text = facets(kind, record).text
    assert languages(record)
    for words in languages(record):
        assert words in text


def test_words_inside_lists_are_searched() -> None:
    assert "Cash is declared" in facets("assessment", RECORDS["assessment"]).text
    assert "Equip seven posts." in facets("plan", RECORDS["plan"]).text
    assert "Power first." in facets("activity", RECORDS["activity"]).text


def test_a_global_offer_is_for_the_world_and_a_closed_one_says_so() -> None:
    found = facets("offer", RECORDS["offer"] | {"eligible_places": "global", "open": False})
    assert (found.places, found.status) == (("001",), "closed")
    assert facets("finding", RECORDS["finding"] | {"subject_scope": "global"}).places == ("001",)


def test_a_title_is_in_english_if_it_can_be() -> None:
    assert in_words({"ar": "أ", "en": "a"}) == "a"
    assert in_words({"fr": "é", "ru": "я"}) == "é"
