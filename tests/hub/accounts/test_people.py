"""Tests of hub/accounts/people.py: the hub's accounts stand in the hub's own database."""

from datetime import timedelta

from sqlalchemy import Engine

from hub.accounts import people
from tests.signed_network import NOON


def test_an_account_is_made_listed_disabled_and_enabled(any_engine: Engine) -> None:
    with any_engine.begin() as connection:
        code = people.add(connection, "amina", "operator", NOON)
        assert people.invited(connection, code, NOON + timedelta(days=people.DAYS))
        people.disable(connection, "Amina ")
        [listed] = people.list_accounts(connection)
        people.enable(connection, people.folded("AMINA"))
        assert people.invited(connection, people.reset(connection, "amina", NOON), NOON)
    assert (listed["name"], listed["role"], listed["state"]) == ("amina", "operator", "disabled")
