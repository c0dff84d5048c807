"""Tests of field_names: every field of every kind has a name and a help text that a person can read."""

from schemas.field_names import all_field_help, all_field_names, field_name
from schemas.records import KINDS


def test_a_name_is_the_field_in_words_or_better_ones() -> None:
    assert field_name("needed_by") == "Needed by"
    assert field_name("available_24x7") == "Available day and night"


def test_the_fields_of_all_kinds_and_of_their_parts_are_named() -> None:
    names = all_field_names()
    assert {field_name(name) for model in KINDS.values() for name in model.model_fields} <= set(names)
    assert {"Criterion", "Emergency", "Requirements", "Value date"} <= set(names)
    assert not [name for name in names if "_" in name]


def test_the_help_of_all_kinds_and_of_their_parts_is_given_once() -> None:
    texts = all_field_help()
    assert {field.description for model in KINDS.values() for field in model.model_fields.values()} <= set(texts)
    assert {"Where the document is.", "How many were helped (REA)."} <= set(texts)
    assert list(texts) == sorted(set(texts))
