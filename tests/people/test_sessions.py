"""Tests of people/sessions.py: what a cookie stands for, how it ends, and that there are never too many."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine, func, select

from people import sessions
from tests.people.desks import RULES, TABLES, Desk
from tests.signed_network import NOON

table = TABLES.sessions


def test_only_the_hash_of_a_session_s_name_is_kept_and_no_two_are_the_same(any_engine: Engine) -> None:
    Desk(any_engine)
    with any_engine.begin() as connection:
        first, second = (sessions.begin(connection, RULES, NOON, account=1) for _ in range(2))
        stored = str(connection.execute(select(table)).all())
    assert first != second
    assert len(first) >= 43, "256 bits"
    assert first not in stored


def test_an_account_has_at_most_so_many_sessions_and_the_oldest_ends(any_engine: Engine) -> None:
    Desk(any_engine)
    with any_engine.begin() as connection:
        made = [
            sessions.begin(connection, RULES, NOON + timedelta(seconds=number), account=1)
            for number in range(sessions.MAX_SESSIONS + 2)
        ]
        assert connection.scalar(select(func.count()).select_from(table)) == sessions.MAX_SESSIONS
        assert sessions.find(connection, RULES, made[0], NOON) is None
        assert sessions.find(connection, RULES, made[-1], NOON)


def test_what_has_ended_leaves_the_table_when_somebody_logs_in(sqlite_engine: Engine) -> None:
    Desk(sqlite_engine)
    with sqlite_engine.begin() as connection:
        sessions.begin(connection, RULES, NOON, account=1)
        sessions.begin(connection, RULES, NOON + timedelta(days=8), account=1)
        assert connection.scalar(select(func.count()).select_from(table)) == 1


def test_a_session_from_a_time_to_come_has_ended_as_soon_as_the_clock_is_set_right(sqlite_engine: Engine) -> None:
    Desk(sqlite_engine)
    with sqlite_engine.begin() as connection:
        secret = sessions.begin(connection, RULES, NOON + timedelta(days=400), account=1)
        assert sessions.find(connection, RULES, secret, NOON) is None
        shortly = sessions.begin(connection, RULES, NOON + timedelta(seconds=30), account=1)
        assert sessions.find(connection, RULES, shortly, NOON), "clocks are corrected by seconds all the time"


def test_a_session_is_written_to_once_a_minute_at_most(sqlite_engine: Engine) -> None:
    Desk(sqlite_engine)
    with sqlite_engine.begin() as connection:
        secret = sessions.begin(connection, RULES, NOON, account=1)
        found = [sessions.find(connection, RULES, secret, NOON + timedelta(seconds=each)) for each in (0, 59, 61)]
    assert [each and each[1] for each in found] == [False, False, True]


@pytest.mark.parametrize("cookie", ["", "x", "x" * 5000, "\udcff", "' OR 1=1"])
def test_any_other_cookie_is_nobody(sqlite_engine: Engine, cookie: str) -> None:
    Desk(sqlite_engine)
    with sqlite_engine.begin() as connection:
        sessions.begin(connection, RULES, NOON, account=1)
        assert sessions.find(connection, RULES, cookie, NOON) is None
