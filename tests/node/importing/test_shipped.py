"""The shipped mappings meet the traps of their sources: what is no State, old names, shifted columns, odd scores."""

from pathlib import Path
from typing import Any

import pytest

from node.importing.mapping import load_mapping
from node.importing.rows import Row
from tests.node.importing.making import built

MAPPINGS = Path(__file__).resolve().parents[3] / "deploy/mappings"
PARTY = "Approval(AA), Acceptance(A), Accession(a), Succession(d), Ratification"


def _one(mapping: str, **values: Any) -> Any:
    """Return the record a row gives, or its bad columns with what was found there."""
    good, bad = built([Row(1, values)], load_mapping(MAPPINGS / f"{mapping}.toml"))
    return good[0].record if good else [(each.column, each.found) for each in bad]


@pytest.mark.parametrize(
    ("participant", "code"),
    [
        ("Czech Republic", "CZE"),
        ("St. Kitts and Nevis", "KNA"),
        ("St. Lucia", "LCA"),
        ("St. Vincent and the Grenadines", "VCT"),
        ("Swaziland", "SWZ"),
        ("The former Yugoslav Republic of Macedonia", "MKD"),
        ("Turkey", "TUR"),
        ("Côte d'Ivoire", "CIV"),
        ("Cook Islands", "COK"),
    ],
)
def test_names_of_participants_become_codes(participant: str, code: str) -> None:
    assert _one("untc_18_11", Participant=participant, Signature="", **{PARTY: "1 May 2003 a"})["state"] == code


def test_the_european_union_is_a_participant_but_no_state() -> None:
    row = {"Participant": "European Union", "Signature": "", PARTY: "1 May 2003 AA"}
    assert _one("untc_18_11", **row) == [("Participant", "European Union")]


@pytest.mark.parametrize(
    ("party", "action"),
    [
        ("1 May 2003", "ratification"),
        ("1 May 2003 a", "accession"),
        ("1 May 2003 A", "acceptance"),
        ("1 May 2003 AA", "approval"),
        ("1 May 2003 d", "succession"),
    ],
)
def test_the_mark_behind_the_date_says_how_a_state_became_a_party(party: str, action: str) -> None:
    record = _one("untc_18_11", Participant="Kenya", Signature="", **{PARTY: party})
    assert (record["action"], record["action_date"]) == (action, "2003-05-01")


def test_a_state_that_only_signed_has_no_action_and_an_unknown_mark_is_reported() -> None:
    assert "action" not in _one("untc_18_11", Participant="Kenya", Signature="1 May 2003", **{PARTY: ""})
    assert _one("untc_18_11", Participant="Kenya", Signature="", **{PARTY: "1 May 2003 z"}) == [(PARTY, "z")]


@pytest.mark.parametrize(("score", "kept"), [(3, "3"), (2.5, "2.5"), ("N/A", "N/A")])
def test_jee_scores_stay_as_published(score: Any, kept: str) -> None:
    row = {"code": "KE", "year": 2017, "month": "february", "indicator": "P.1.1 Laws", "score": score}
    record = _one("jee_assessments", **row)
    assert record["ratings"] == [{"criterion": {"scheme": "who_jee", "code": "P.1.1"}, "score": kept}]
    assert (record["period_start"], record["period_end"]) == ("2017-02-01", "2017-02-28")


@pytest.mark.parametrize("score", [-1, None, 6, ""])
def test_what_is_no_jee_score_is_reported(score: Any) -> None:
    row = {"code": "KE", "year": 2017, "month": "feb", "indicator": "P.1.1 Laws", "score": score}
    assert [column for column, _ in _one("jee_history", **row)] == ["score"]


def _assistance(**changes: Any) -> Any:
    row: dict[str, Any] = {
        "project_id": "p1",
        "project_name": "Laboratories",
        "project_description": "",
        "assistance_type": "In-kind support",
        "commitment_disbursements": "disbursement",
        "years": ["2015", "2016"],
        "donor_code": "KR",
        "donor_sector": "Government",
        "recipient_country": "KE",
        "core_capacities": ["D.1", "", "General IHR Implementation", "P.3 Antimicrobial Resistance (AMR)"],
        "transactions": [],
    }
    return _one("ghs_assistance", **{**row, **changes})


def test_assistance_has_its_years_places_and_technical_areas() -> None:
    record = _assistance()
    assert record["dates"] == [{"type": "2", "date": "2015-01-01"}, {"type": "4", "date": "2016-12-31"}]
    assert record["places"] == [{"country": "KEN"}]
    assert [theme["code"] for theme in record["themes"]] == ["D.1", "P.3"]
    assert "modality" not in record


@pytest.mark.parametrize(("recipient", "region"), [("General Global Benefit", "001"), ("caribbean", "029")])
def test_a_recipient_that_is_a_region_is_a_place(recipient: str, region: str) -> None:
    assert _assistance(recipient_country=recipient)["places"] == [{"region": region}]


@pytest.mark.parametrize("recipient", ["who", "ecowas", "gaza", "XK", None])
def test_a_recipient_that_is_no_place_is_reported(recipient: str | None) -> None:
    assert _assistance(recipient_country=recipient) == [("recipient_country", recipient or "")]


def test_amounts_without_a_currency_or_with_one_that_does_not_exist_are_left_out() -> None:
    amounts = [("CAN", 0.3333333333333333), ("LIR", 90.5), ("", 5), ("USD", 0)]
    given = [{"type": "disbursement", "cy": "2016", "currency": code, "amount": amount} for code, amount in amounts]
    assert _assistance(transactions=given)["transactions"] == [
        {"type": "3", "date": "2016-12-31", "value": "0.33", "currency": "CAD"}
    ]


def test_a_swedish_number_becomes_international_and_a_body_without_addresses_is_taken() -> None:
    body = {
        "id": "se/x",
        "name": "X",
        "jurisdiction_code": "SE",
        "phone": "08-24 13 35",
        "source_url": "http://x.example",
    }
    assert _one("publicbodies_se", **body)["phones"] == [{"number": "+468241335"}]
    assert "phones" not in _one("publicbodies_se", **{**body, "phone": ""})


def test_the_parent_1_0_is_no_parent() -> None:
    body = {"id": "se/x", "name": "X", "jurisdiction_code": "SE", "source_url": "http://skl.se/x"}
    assert "parent" not in _one("publicbodies_se_organizations", **body, parent_id="1.0")
    parent = _one("publicbodies_se_organizations", **body, parent_id="se/y")["parent"]
    assert parent == {"scheme": "publicbodies", "id": "se/y"}
