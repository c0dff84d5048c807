"""Tests of hub/operating/acts.py: the trail names who did what, once for each form, newest first."""

from sqlalchemy import Engine

from hub.access import Reader, Role
from hub.operating import acts
from hub.operating.acts import Act
from tests.signed_network import NOON

AMINA = Reader(Role.OPERATOR, "Amina Warsame", 1)


def test_an_act_is_in_the_trail_before_it_is_done_and_once_for_each_form(any_engine: Engine) -> None:
    act = Act("suspend", "xa-centre", None, "A leak.", "form-number-one")
    with any_engine.begin() as connection:
        number = acts.begin(connection, act, AMINA, NOON)
        assert number is not None
        [begun] = acts.list_acts(connection)
        assert (begun["who"], begun["outcome"], begun["reason"]) == ("Amina Warsame", "begun", "A leak.")
        assert acts.begin(connection, act, AMINA, NOON) is None
        acts.finish(connection, number, acts.DONE, "Entry 7 of the log.")
        found = acts.of_form(connection, "form-number-one")
        assert found is not None
        assert (found["outcome"], found["answer"]) == ("done", "Entry 7 of the log.")
        assert acts.of_form(connection, "another") is None


def test_the_trail_is_read_in_parts_and_by_organization(any_engine: Engine) -> None:
    with any_engine.begin() as connection:
        for number in range(5):
            org = "xa-centre" if number % 2 else None
            acts.begin(connection, Act("note", org, None, str(number), f"form-{number}"), AMINA, NOON)
        newest = acts.list_acts(connection, limit=2)
        assert [each["reason"] for each in newest] == ["4", "3"]
        rest = acts.list_acts(connection, before=newest[-1]["number"])
        assert [each["reason"] for each in rest] == ["2", "1", "0"]
        assert [each["reason"] for each in acts.list_acts(connection, organization="xa-centre")] == ["3", "1"]
