"""Tests of reading: a form that is opened and sent back untouched changes nothing, whatever the record holds."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from node.entry_form import controls_of, read_form
from schemas.entry import parse_entry
from schemas.records import KINDS
from tests.node.entry_form.sent import sent_by
from tests.schemas.examples import EXAMPLES


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_full_record_comes_back_from_its_form_unchanged(kind: str) -> None:
    entry = parse_entry(EXAMPLES[kind])
    controls = controls_of(kind)
    beside = {name: EXAMPLES[kind][name] for name in ("kind", "id", "marking", "recipients") if name in EXAMPLES[kind]}
    read = read_form(controls, sent_by(controls, entry.record))
    if "derived_from" in EXAMPLES[kind]:
        beside["derived_from"] = EXAMPLES[kind]["derived_from"]
        read.pop("derived_from_commitment", None)
    assert parse_entry({**beside, **read}).record == entry.record


def test_shares_and_parts_of_countries_are_kept() -> None:
    controls = [each for each in controls_of("activity") if each.name in {"places", "sectors"}]
    record = {
        "places": [
            {"country": "KEN", "subdivision": "KE-30", "percentage": "60"},
            {"region": "002", "percentage": "40"},
        ],
        "sectors": [{"scheme": "theme_1373", "code": "2.10", "percentage": "100"}],
    }  # fmt: skip
    assert read_form(controls, sent_by(controls, record)) == record


def test_what_cannot_be_read_stays_as_it_was_typed_so_that_the_check_can_name_it() -> None:
    controls = controls_of("offer")
    read = read_form(controls, {"capacity.places_per_year": ["many"], "themes": ["nothing"]})
    assert read == {"capacity": {"places_per_year": "many"}, "themes": ["nothing"]}


@settings(max_examples=100)
@given(st.dictionaries(st.sampled_from([
    "title.en", "title", "title.", "documents.0.url", "documents.x.url", "documents.99999.url", "themes", "places",
    "history.0.note.en", "cost.currency", "consent_to_publish", "quantity.in_need", "none", "same_as", "requester",
]), st.lists(st.text(max_size=20), max_size=3)))  # fmt: skip
def test_nothing_that_is_sent_breaks_the_reading(sent: dict[str, Any]) -> None:
    read = read_form(controls_of("need"), sent)
    assert set(read) <= set(KINDS["need"].model_fields)
