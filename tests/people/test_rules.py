"""Tests of people/rules.py: roles have one form, and several last as long as the shortest."""

from dataclasses import replace
from datetime import timedelta

import pytest

from people.rules import BadAccount, Lasts
from tests.people.desks import RULES

SEVERAL = replace(RULES, several=True)


def test_a_role_is_one_of_the_service_s_and_several_only_where_that_is_meant() -> None:
    assert RULES.checked(" member ") == "member"
    assert SEVERAL.checked("operator  member operator") == "member operator"
    for wrong in ("", "king", "member operator"):
        with pytest.raises(BadAccount, match="member or operator"):
            RULES.checked(wrong)


def test_several_roles_last_as_long_as_the_shortest() -> None:
    assert SEVERAL.lasting("member operator") == Lasts(timedelta(hours=2), timedelta(hours=12))
    assert SEVERAL.longest == Lasts(timedelta(hours=12), timedelta(days=7))
