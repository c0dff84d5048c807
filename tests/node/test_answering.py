"""Tests of answering: what is taken over from a need makes the answer count in the matrix, and tells nobody more."""

from typing import Any

import pytest

from node.answering import answer_entry, answer_template
from schemas.entry import parse_entry
from tests.schemas.examples import EXAMPLES
from tests.signed_network import need

NEED = {"kind": "need", "org": "ke-nctc", "id": "n1", "marking": "TLP:GREEN", "record": need("Readers")}
OWN = "xa-centre"


def test_an_activity_names_the_need_that_it_answers() -> None:
    answer = answer_template("activity", NEED, OWN)
    assert answer["answers_needs"] == ["need/ke-nctc/n1"]
    assert answer["places"] == [{"country": "KEN"}]
    assert answer["participating_orgs"][0]["org"] == OWN


def test_an_offer_is_of_the_same_themes_to_the_same_place_in_the_same_modes() -> None:
    answer = answer_template("offer", NEED, OWN)
    assert (answer["provider"], answer["open"]) == (OWN, True)
    assert (answer["eligible_places"], answer["themes"]) == ([{"country": "KEN"}], need()["themes"])
    assert answer["assistance_modes"] == ["equipment"]
    assert "same_as" not in answer


@pytest.mark.parametrize("kind", ["offer", "activity"])
def test_what_is_taken_over_is_valid_beside_what_the_officer_adds(kind: str) -> None:
    parse_entry({**EXAMPLES[kind], "marking": "TLP:GREEN", **answer_template(kind, NEED, OWN)})


@pytest.mark.parametrize(
    ("marking", "beside"),
    [("TLP:CLEAR", {}), ("TLP:GREEN", {}), ("TLP:AMBER", {"recipients": ["ke-nctc"]})],
)
def test_an_answer_is_as_confidential_as_the_need(marking: str, beside: dict[str, Any]) -> None:
    entry = answer_entry("offer", {**NEED, "marking": marking}, OWN)
    del entry["record"]
    assert entry == {"marking": marking, **beside}
