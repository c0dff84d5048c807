"""Tests of hub/words.py: what is typed finds what was written, in every script."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.words import asked_words, fold, index_words


def finds(query: str, text: str) -> bool:
    stored = index_words(text)
    return all(
        any(word == wanted or (goes_on and word.startswith(wanted)) for wanted, goes_on in group for word in stored)
        for group in asked_words(query)
    )


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("readers", "Border posts without document readers"),
        ("READ post", "Border posts without document readers"),
        ("frontiere", "Postes frontière sans lecteurs"),
        ("FRONTIÈRE", "Postes frontiere sans lecteurs"),
        ("strasse", "Straße der Nationen"),
        ("1373", "S/RES/1373 (2001)"),
        ("s/res/1373", "S/RES/1373 (2001)"),
        ("duty@centre.example", "write to duty@centre.example now"),
        ("пограничные", "Пограничные посты"),
        ("ежегодно", "Ёжегодно"),
        ("الأمن", "مكتب الامن القومي"),
        ("امن", "مكتب والأمن القومي"),
        ("أجهزة", "بلا اجهزه قراءة"),
        ("اجهزة", "بأجهزة قراءة"),
        ("مُراكِز", "مراكز حدودية"),
        ("مـــراكز", "مراكز"),
        ("حدودی", "حدودي"),
        ("证件", "边境哨所没有证件阅读器"),
        ("器", "边境哨所没有证件阅读器"),
        ("证", "边境哨所没有证件阅读器"),
        ("阅读器", "边境哨所没有证件阅读器"),
        ("ｒｅａｄｅｒ", "reader"),
        ("tokyo 東京", "東京 Tokyo Convention"),
    ],
)
def test_a_query_finds_a_text(query: str, text: str) -> None:
    assert finds(query, text)


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("reader pump", "Border posts without document readers"),
        ("eaders", "document readers"),
        ("阅证", "边境哨所没有证件阅读器"),
        ("شرطة", "مكتب الأمن القومي"),
    ],
)
def test_a_query_does_not_find_what_is_not_there(query: str, text: str) -> None:
    assert not finds(query, text)


def test_a_query_of_signs_only_asks_for_nothing() -> None:
    assert asked_words(" -- ?! _") == []


def test_no_stored_word_is_long_or_holds_anything_but_letters_and_digits() -> None:
    words = index_words("x" * 500 + " a'b\"c*d(e):f–g_h")
    assert max(len(word) for word in words) == 60
    assert all(word.isalnum() for word in words)


@given(st.text(max_size=60))
def test_every_text_with_a_word_is_found_by_itself(text: str) -> None:
    assert finds(text, text)


@given(st.text(max_size=60))
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)
