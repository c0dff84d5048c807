"""Tests of states: every state word has a symbol of its own tone, and one that is not known is shown as it is."""

from ui.states import STATES, badge


def test_every_state_has_a_symbol_and_a_word() -> None:
    assert all(each.symbol and each.word and each.tone in {"good", "watch", "bad", "plain"} for each in STATES.values())


def test_an_unknown_state_is_shown_as_it_is_and_never_as_good() -> None:
    assert badge("odd").word == "odd"
    assert badge("odd").tone == "plain"
