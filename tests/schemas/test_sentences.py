"""Tests of sentences: values go where they belong, and nothing else is touched."""

import pytest

from schemas.sentences import gettext_noop, sentence


def test_values_are_filled_in_and_other_braces_stay() -> None:
    assert sentence('{n} of {all}, as {"en": "…"}', n=2, all="three") == '2 of three, as {"en": "…"}'


def test_a_value_is_never_filled_in_itself() -> None:
    assert sentence("{name} is missing", name="{n}") == "{n} is missing"


def test_a_value_that_is_not_given_is_an_error() -> None:
    with pytest.raises(KeyError):
        sentence("{name} is missing")


def test_a_marked_text_stays_as_it_is() -> None:
    assert gettext_noop("It is so.") == "It is so."
