"""Tests of people/back_off.py: how long who waits for what, and that the table stays small."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine, func, select

from people import back_off
from people.back_off import attempt, keys_of, network_of, succeeded, waiting
from tests.people.desks import TABLES
from tests.signed_network import NOON

table = TABLES.back_off


def test_the_wait_doubles_up_to_its_most(any_engine: Engine) -> None:
    keys, now, waits = keys_of("amina", "192.0.2.1", b"browser"), NOON, []
    with any_engine.begin() as connection:
        for _ in range(40):
            wait = attempt(connection, table, keys, now)
            waits.append(wait)
            now += timedelta(seconds=wait)
    told = [wait for wait in waits if wait]
    assert told[:6] == [1, 2, 4, 8, 16, 32]
    assert max(told) == 900


def test_an_attempt_while_one_must_wait_does_not_make_it_longer(sqlite_engine: Engine) -> None:
    keys = keys_of("amina", "192.0.2.1", None)
    with sqlite_engine.begin() as connection:
        waits = [attempt(connection, table, keys, NOON) for _ in range(100)]
    assert waits == [0] * 5 + [1] * 95


def test_a_success_ends_what_it_proves_and_takes_back_only_itself_from_what_others_share(sqlite_engine: Engine) -> None:
    keys = keys_of("amina", "192.0.2.1", None)
    with sqlite_engine.begin() as connection:
        for _ in range(4):
            attempt(connection, table, keys, NOON)
        succeeded(connection, table, keys, NOON)
        left = {bytes(row.key): row.failures for row in connection.execute(select(table))}
    pair, address, account = (key.digest for key in keys)
    assert left == {address: 3, account: 3}
    assert pair not in left


@pytest.mark.parametrize("ahead", [timedelta(hours=1), timedelta(days=400)])
def test_a_clock_that_was_ahead_and_is_set_right_makes_nobody_wait(sqlite_engine: Engine, ahead: timedelta) -> None:
    keys = keys_of("amina", "192.0.2.1", None)
    with sqlite_engine.begin() as connection:
        attempt(connection, table, keys, NOON + ahead)
        succeeded(connection, table, keys, NOON + ahead)
        for _ in range(30):
            attempt(connection, table, keys_of("other", "192.0.2.1", None), NOON + ahead)
        assert waiting(connection, table, keys, NOON) == 0
        assert attempt(connection, table, keys, NOON) == 0


def test_failures_are_forgotten_after_a_day_and_the_table_stays_small(
    sqlite_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(back_off, "MAX_ROWS", 30)
    with sqlite_engine.begin() as connection:
        for number in range(40):
            attempt(connection, table, keys_of(f"name {number}", f"192.0.2.{number}", None), NOON)
        assert (connection.scalar(select(func.count()).select_from(table)) or 0) <= 33
        attempt(connection, table, keys_of("amina", "", None), NOON + timedelta(hours=25))
        assert connection.scalar(select(func.count()).select_from(table)) == 3


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("testclient", "testclient"),
    ],
)
def test_what_one_customer_has_of_addresses_counts_as_one(address: str, network: str) -> None:
    assert network_of(address) == network
