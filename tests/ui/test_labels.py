"""Tests of labels: words come from whatever vocabulary the pages are given."""

from types import SimpleNamespace

from ui.labels import Labels, Vocabulary

VOCABULARY = Vocabulary(
    codes=lambda _scheme: {"1"},
    label=lambda _scheme, code: f"Label {code}",
    countries=lambda: {"B": None, "A": None},
    country=lambda code: SimpleNamespace(names={"en": {"A": "Élan", "B": "Dune"}[code], "ar": code}),
    is_country=lambda code: code in {"A", "B"},
    regions=lambda: {"001": SimpleNamespace(name="World")},
    field_name=str.upper,
    fold=lambda text: text.replace("É", "E").casefold(),
)


def test_choices_are_sorted_as_a_reader_looks_for_them() -> None:
    assert Labels(VOCABULARY, "en", str).countries() == [("B", "Dune"), ("A", "Élan")]
    assert Labels(VOCABULARY, "en", str).regions() == [("001", "World")]


def test_codes_that_the_vocabulary_does_not_know_are_shown_as_they_are() -> None:
    labels = Labels(VOCABULARY, "en", str)
    assert labels.label("any", "1") == "Label 1"
    assert labels.label("any", "2") == '<bdi dir="ltr">2</bdi>'
    assert labels.field("name") == "NAME"
