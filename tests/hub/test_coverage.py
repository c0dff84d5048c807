"""Tests of hub/coverage.py: what each kind of record adds to the matrix."""

from typing import Any

import pytest

from hub.coverage import MAX_LINES, coverage
from tests.hub.published import example

XAA = [{"country": "XAA"}]
BORDERS = [{"scheme": "theme_1373", "code": "2.10"}]


def cells(kind: str, record: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(row.place, row.scheme, row.code) for row in coverage(kind, record)]


def rated(framework: str, **scores: str) -> dict[str, Any]:
    scheme = "fatf" if framework.startswith("fatf") else "who_jee" if "jee" in framework else "who_spar"
    ratings = [
        {"criterion": {"scheme": scheme, "code": code.replace("_", ".")}, "score": score}
        for code, score in scores.items()
    ]
    return example("assessment", framework=framework, ratings=ratings)


@pytest.mark.parametrize("status", ["submitted", "acknowledged", "published", "in_delivery"])
def test_an_open_need_is_counted_for_each_theme_at_its_beneficiary(status: str) -> None:
    record = {**example("need", history=None), "need_status": status, "themes": BORDERS}
    assert cells("need", record) == [("XAA", "theme_1373", "2.10")]


@pytest.mark.parametrize("status", ["draft", "met", "withdrawn"])
def test_a_need_that_is_no_longer_or_not_yet_open_is_not_counted(status: str) -> None:
    assert coverage("need", {**example("need", history=None), "need_status": status}) == []


def test_ratings_at_or_below_the_threshold_of_their_scale_are_counted() -> None:
    found = cells("assessment", rated("who-jee-1", P_1_1="2", P_1_2="3", R_2_1="2.5", D_1_1="1"))
    assert found == [
        ("XAA", "who_jee", "P.1.1"),
        ("XAA", "who_jee", "P.1"),
        ("XAA", "who_jee", "D.1.1"),
        ("XAA", "who_jee", "D.1"),
    ]


def test_points_of_entry_and_other_single_areas_are_areas_too() -> None:
    found = cells("assessment", rated("who-jee-1", PoE_1="1", CE_2="2"))
    assert [code for _, _, code in found] == ["PoE.1", "PoE", "CE.2", "CE"]


def test_what_is_not_applicable_is_no_need() -> None:
    assert coverage("assessment", rated("who-jee-1", P_1_1="N/A")) == []
    assert coverage("assessment", rated("fatf-4", R_8="NA")) == []


@pytest.mark.parametrize(("score", "counted"), [("C", False), ("LC", False), ("PC", True), ("NC", True)])
def test_technical_compliance_counts_from_partially_compliant_down(score: str, counted: bool) -> None:
    found = cells("assessment", rated("fatf-4", R_8=score))
    assert found == ([("XAA", "fatf", "R.8"), ("XAA", "theme_1373", "1.8")] if counted else [])


@pytest.mark.parametrize(("score", "counted"), [("HE", False), ("SE", False), ("ME", True), ("LE", True)])
def test_effectiveness_counts_from_moderate_down(score: str, counted: bool) -> None:
    found = cells("assessment", rated("fatf-4", IO_2=score))
    assert found == ([("XAA", "fatf", "IO.2"), ("XAA", "theme_1373", "3.1")] if counted else [])


def test_a_scale_without_a_threshold_counts_nothing() -> None:
    assert coverage("assessment", rated("who-spar-2", C1_1="10")) == []


@pytest.mark.parametrize(("status", "counted"), [("1", True), ("2", True), ("3", False), ("4", False), ("6", False)])
def test_an_activity_covers_while_it_is_planned_or_runs(status: str, counted: bool) -> None:
    found = coverage("activity", example("activity", activity_status=status))
    assert bool(found) is counted


def test_an_activity_covers_its_places_and_themes_with_mode_dates_and_providers() -> None:
    record = example(
        "activity",
        places=XAA,
        themes=BORDERS,
        sectors=None,
        answers_needs=None,
        related=[{"id": "XI 1", "type": "2"}, {"id": "XI-2", "type": "3"}],
        dates=[
            {"type": kind, "date": day} for kind, day in (("1", "2026-01-01"), ("2", "2026-02-01"), ("3", "2027-01-01"))
        ],
        participating_orgs=[
            {"org": "xa-centre", "role": "4"},
            {"org": "donor-one", "role": "1"},
            {"org": {"scheme": "XI-IATI", "id": "TWO"}, "role": "1"},
        ],
    )
    [row] = coverage("activity", record)
    assert (row.role, row.place, row.scheme, row.code) == ("activity", "XAA", "theme_1373", "2.10")
    assert (row.mode, row.starts, row.ends) == ("equipment", "2026-02-01", "2027-01-01")
    assert row.provider == "donor-one\nXI-IATI:TWO"
    assert row.joined == f"is:{record['activity_id']} with:XI%201"


def test_an_activity_without_places_still_says_which_needs_it_answers() -> None:
    record = example("activity", places=None, themes=None, sectors=None, answers_needs=["need/xa-centre/n1", "n2"])
    [row] = coverage("activity", record)
    assert (row.place, row.scheme, row.code) == ("", "", "")
    assert row.joined is not None
    assert {"answers:need/xa-centre/n1", "answers:n2"} <= set(row.joined.split(" "))


def test_an_open_offer_covers_each_place_theme_and_mode() -> None:
    record = example("offer", eligible_places="global", themes=BORDERS, assistance_modes=["training", "workshop"])
    assert [(row.place, row.mode) for row in coverage("offer", record)] == [("001", "training"), ("001", "workshop")]
    assert {row.provider for row in coverage("offer", record)} == {"un-office"}


def test_a_closed_offer_covers_nothing() -> None:
    assert coverage("offer", example("offer", open=False)) == []


def test_a_joint_programme_joins_its_two_ends() -> None:
    record = example("link", link_type="joint_programme")
    [row] = coverage("link", record)
    assert (row.role, row.provider) == ("joint", "xa-centre\nXI-IATI:REGIONAL-BODY")
    assert coverage("link", example("link")) == []


@pytest.mark.parametrize("kind", ["organization", "contact", "finding", "resource", "priority", "plan", "accession"])
def test_other_kinds_say_nothing_about_the_matrix(kind: str) -> None:
    assert coverage(kind, example(kind)) == []


def test_one_record_cannot_fill_the_table() -> None:
    themes = [{"scheme": "dac_crs", "code": f"{number:05}"} for number in range(400)]
    places = [{"country": "XAA"}, *({"country": f"X{a}{b}"} for a in "BCD" for b in "ABCDEFGHIJ")]
    record = {**example("activity"), "themes": themes, "places": places}
    assert len(coverage("activity", record)) == MAX_LINES
