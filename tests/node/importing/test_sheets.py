"""Tests of rows of sheets: every kind comes back as it was, with codes alone or behind labels in any language."""

import pytest

from node.importing.sheets import (
    cells_of,
    choices_of,
    control_at,
    in_order,
    is_key,
    key_of_problem,
    labelled,
    record_of,
    template_keys,
)
from schemas.codelists import label
from schemas.entry import parse_entry, to_entry
from tests.schemas.examples import EXAMPLES


@pytest.mark.parametrize("kind", sorted(EXAMPLES))
@pytest.mark.parametrize("with_labels", [False, True])
def test_every_kind_comes_back_as_it_was(kind: str, with_labels: bool) -> None:
    entry = parse_entry(EXAMPLES[kind])
    cells = cells_of(kind, to_entry(kind, str(entry.id), entry.marking, entry.record, entry.recipients))
    assert all(is_key(kind, key) for key in cells)
    if with_labels:
        for key, text in cells.items():
            control = control_at(kind, key)
            if control is not None and choices_of(control):
                cells[key] = labelled(control, text, label)
    again = parse_entry({"kind": kind, **record_of(kind, cells)})
    assert (again.id, again.marking, again.recipients) == (entry.id, entry.marking, entry.recipients)
    assert again.record == entry.record


@pytest.mark.parametrize("kind", sorted(EXAMPLES))
def test_a_template_has_a_column_for_each_field_in_the_order_of_the_form(kind: str) -> None:
    keys = template_keys(kind, ["en", "ar"])
    assert len(keys) == len(set(keys))
    assert all(is_key(kind, key) for key in keys)
    assert in_order(kind, reversed(keys))[:3] == ["kind", "id", "marking"]


def test_labels_codes_and_names_of_places_are_understood() -> None:
    cells = {
        "name.en": "Office", "roles#2": "ct_focal_point", "roles#1": "Guichet (duty_officer_24x7)", "places#1": "Kenya",
        "themes#1": "سفر (theme_1373:2.10)", "available_24x7": True, "card_kind": label("card_kind", "group").upper(),
    }  # fmt: skip
    assert record_of("contact", cells) == {
        "name": {"en": "Office"}, "roles": ["duty_officer_24x7", "ct_focal_point"], "places": [{"country": "KEN"}],
        "themes": [{"scheme": "theme_1373", "code": "2.10"}], "available_24x7": True, "card_kind": "group",
    }  # fmt: skip


@pytest.mark.parametrize("key", ["x", "name", "name.en.x", "roles", "unit#1", "emails.address", "emails.0.x", ""])
def test_other_columns_are_none_of_ours(key: str) -> None:
    assert not is_key("contact", key)


@pytest.mark.parametrize(
    ("place", "key"),
    [("themes.0.code", "themes#1"), ("name.en", "name.en"), ("name", "name.en"), ("nothing", "nothing"),
     ("emails.0.address", "emails.0.address"), ("emails.0", "emails.0.address")],
)  # fmt: skip
def test_a_problem_is_shown_in_the_column_that_it_comes_from(place: str, key: str) -> None:
    assert key_of_problem(place, ["id", "name.en", "themes#1", "emails.0.address"]) == key
