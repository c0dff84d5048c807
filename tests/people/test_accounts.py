"""Tests of people/accounts.py: accounts are made once, named in one form, listed without secrets."""

import pytest
from sqlalchemy import Engine

from people.rules import BadAccount
from tests.people.desks import Desk, people
from tests.signed_network import NOON


def test_accounts_are_listed_with_their_state_and_no_secret(any_engine: Engine) -> None:
    desk = Desk(any_engine)
    with any_engine.begin() as connection:
        people.add(connection, " Bruno@Exercise.Example ", "member", NOON)
        people.add(connection, "carla", "member", NOON)
        people.disable(connection, "CARLA")
        listed = people.listed(connection)
    assert [(each["name"], each["role"], each["state"]) for each in listed] == [
        ("amina", "operator", "invited"), ("bruno@exercise.example", "member", "invited"),
        ("carla", "member", "disabled"),
    ]  # fmt: skip
    assert set(listed[0]) == {"name", "person", "role", "state", "created", "code_ends", "last_log_in"}
    desk.first()
    with any_engine.connect() as connection:
        [amina, *_] = people.listed(connection)
    assert (amina["state"], amina["code_ends"], amina["last_log_in"]) == ("active", None, "2026-11-23T12:00:00.000Z")


@pytest.mark.parametrize("name", ["", "a", "amina warsame", "-amina", "x" * 120, "amina\n", "ámina", "am\x00ina"])
def test_a_name_that_cannot_be_typed_alike_everywhere_is_refused(sqlite_engine: Engine, name: str) -> None:
    if name.strip() == "amina":
        name = "ami\nna"
    with sqlite_engine.begin() as connection, pytest.raises(BadAccount, match="is no name"):
        people.add(connection, name, "member", NOON)


def test_what_cannot_be_done_is_said(any_engine: Engine) -> None:
    Desk(any_engine)
    with any_engine.begin() as connection:
        with pytest.raises(BadAccount, match="already"):
            people.add(connection, "Amina", "member", NOON)
        with pytest.raises(BadAccount, match="member or operator"):
            people.add(connection, "bruno", "public", NOON)
        with pytest.raises(BadAccount, match="1 to 30 days"):
            people.add(connection, "bruno", "member", NOON, days=31)
        with pytest.raises(BadAccount, match="there is no account"):
            people.reset(connection, "nobody", NOON)


def test_a_disabled_account_s_code_is_void_and_enabling_lets_its_owner_in_again(sqlite_engine: Engine) -> None:
    desk = Desk(sqlite_engine)
    desk.first()
    with sqlite_engine.begin() as connection:
        code = people.reset(connection, "amina", NOON)
        people.disable(connection, "amina")
        assert people.invited(connection, code, NOON) is None
        people.enable(connection, "amina")
        assert people.invited(connection, code, NOON) is None, "a code of before is void for good"
    desk.code = code
    assert desk.first().session is None
