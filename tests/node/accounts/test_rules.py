"""Tests of node/accounts/rules.py: administrators stay logged in for less long, whatever else they are."""

from node.accounts.rules import RULES, Role, roles_of


def test_whoever_is_an_administrator_too_is_logged_out_as_early_as_one() -> None:
    assert RULES.lasting("officer administrator") == RULES.lasting("administrator")
    assert RULES.lasting("officer").idle > RULES.lasting("administrator").idle


def test_the_words_of_an_account_are_roles() -> None:
    assert roles_of("officer reviewer") == {Role.OFFICER, Role.REVIEWER}
