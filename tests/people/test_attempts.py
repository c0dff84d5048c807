"""Tests of people/attempts.py: attempts come newest first, in pages, and each says whether it failed."""

from sqlalchemy import Engine

from people.attempts import FAILURES, Outcome, list_log_ins
from tests.people.desks import HOME, TABLES, Desk


def test_attempts_are_listed_in_pages(any_engine: Engine) -> None:
    desk = Desk(any_engine)
    desk.first()
    desk.enter("wrong")
    desk.log_ins.vouched("amina", HOME)
    with any_engine.connect() as connection:
        newest, wrong = list_log_ins(connection, TABLES.log_ins, limit=2)
        [first] = list_log_ins(connection, TABLES.log_ins, before=wrong["number"])
    assert (newest["outcome"], newest["failed"]) == ("by provider", False)
    assert (wrong["outcome"], wrong["failed"], wrong["address"]) == ("wrong password", True, "192.0.2.1")
    assert first["outcome"] == "first log-in"


def test_every_outcome_is_a_success_or_a_failure_and_fits_its_column() -> None:
    assert Outcome.VOUCHED not in FAILURES
    assert max(map(len, Outcome)) <= TABLES.log_ins.c.outcome.type.length
