"""The pattern of a list of words matches these words, and no others."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.word_pattern import one_of

WORDS = st.lists(st.text(st.sampled_from("ab-.[]^\\"), max_size=5), min_size=1, max_size=12)


@given(WORDS, WORDS)
def test_each_word_of_the_list_and_nothing_else_is_matched(words: list[str], others: list[str]) -> None:
    pattern = re.compile(one_of(words))
    for word in (*words, *others, *(word[:-1] for word in words), *(word + "a" for word in words)):
        assert bool(pattern.fullmatch(word)) == (word in words)


def test_words_of_which_one_begins_with_another_are_told_apart_by_what_follows() -> None:
    pattern = re.compile(f'"{one_of(["C", "C1", "C10"])}"')
    assert all(pattern.fullmatch(f'"{word}"') for word in ("C", "C1", "C10"))
    assert pattern.fullmatch('"C100"') is None


def test_a_list_without_words_is_an_error() -> None:
    with pytest.raises(ValueError, match="matches nothing"):
        one_of([])
