"""Tests of hub/accounts/rules.py: members stay logged in longer than operators; nobody is both, or the public."""

import pytest

from hub.accounts.rules import RULES
from people.rules import BadAccount


def test_operators_stay_for_less_long_than_members() -> None:
    operator, member = RULES.lasting("operator"), RULES.lasting("member")
    assert operator.idle < member.idle
    assert operator.at_most < member.at_most


@pytest.mark.parametrize("role", ["public", "member operator", ""])
def test_no_other_role_is_given_to_an_account(role: str) -> None:
    with pytest.raises(BadAccount, match="member or operator"):
        RULES.checked(role)
