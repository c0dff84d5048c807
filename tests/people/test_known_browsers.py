"""Tests of people/known_browsers.py: a browser is known for one account, and for so long."""

from datetime import timedelta

from sqlalchemy import Engine, func, select

from people import known_browsers
from tests.people.desks import TABLES
from tests.signed_network import NOON

table = TABLES.known_browsers


def test_a_browser_is_known_for_the_account_that_was_used_in_it(any_engine: Engine) -> None:
    with any_engine.begin() as connection:
        made = known_browsers.keep(connection, table, None, 1, NOON)
        assert known_browsers.find(connection, table, made, 1)
        assert known_browsers.find(connection, table, made, 2) is None
        assert known_browsers.keep(connection, table, made, 1, NOON) == made
        assert known_browsers.keep(connection, table, made, 2, NOON) != made
        assert made not in str(connection.execute(select(table)).all())


def test_an_account_has_few_known_browsers_and_old_ones_are_forgotten(sqlite_engine: Engine) -> None:
    with sqlite_engine.begin() as connection:
        for number in range(known_browsers.MAX_BROWSERS + 3):
            known_browsers.keep(connection, table, None, 1, NOON + timedelta(seconds=number))
        assert connection.scalar(select(func.count()).select_from(table)) == known_browsers.MAX_BROWSERS
        known_browsers.keep(connection, table, None, 2, NOON + timedelta(days=200))
        assert connection.scalar(select(func.count()).select_from(table)) == 1
