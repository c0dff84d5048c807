"""Tests of node/accounts/acts.py: what is noted, when, and how it is found again."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from node.accounts.acts import DONE, REFUSED, Acts, command, program
from node.pages.desk import Visitor
from node.store import open_store
from tests.node.nodes import noon

AMINA = Visitor(7, "Amina Warsame", frozenset())


@pytest.fixture
def engine(any_url: str) -> Iterator[Engine]:
    """A node's database of each sort."""
    made = open_store(any_url)
    yield made
    made.dispose()


def test_acts_are_found_by_who_what_about_what_and_outcome(engine: Engine) -> None:
    acts = Acts(engine, noon)
    acts.note(AMINA, "record.published", "need/n1", "first")
    acts.note(program("case system"), "api.put", "records/need/n2", outcome=REFUSED)
    acts.note(command(), "key.rotated")
    assert [each.act for each in acts.listed()] == ["key.rotated", "api.put", "record.published"]
    [published] = acts.listed(who="amina")
    assert published[1:] == (
        "2026-11-24T12:00:00.000Z", 7, "Amina Warsame", "record.published", "need/n1", "first", DONE
    )  # fmt: skip
    assert [each.who for each in acts.listed(outcome=REFUSED)] == ["token (case system)"]
    assert [each.act for each in acts.listed(subject="NEED")] == ["api.put", "record.published"]
    assert [each.act for each in acts.listed(act="key")] == ["key.rotated"]
    assert acts.listed(act="%") == acts.listed(who="_x") == []
    newest = acts.listed(limit=1)
    assert [each.act for each in acts.listed(before=newest[0].number, limit=1)] == ["api.put"]


def test_what_is_refused_is_noted_with_the_reason_and_raised_all_the_same(engine: Engine) -> None:
    acts = Acts(engine, noon)
    with pytest.raises(ValueError, match="no such record"), acts.noting(AMINA, "record.erased", "need/n1"):
        raise ValueError("no such record")
    with acts.noting(AMINA, "record.erased", "need/n2", "asked for"):
        assert len(acts.listed()) == 1, "an act that is not done yet is not noted"
    assert [(each.subject, each.detail, each.outcome) for each in acts.listed()] == [
        ("need/n2", "asked for", DONE), ("need/n1", "no such record", REFUSED),
    ]  # fmt: skip


def test_what_a_database_cannot_hold_is_left_out(engine: Engine) -> None:
    acts = Acts(engine, noon)
    acts.note(program("x\0y"), "api.put", "records/\0", "a\0b")
    assert acts.listed()[0][3:7] == ("token (xy)", "api.put", "records/", "ab")


def test_an_act_is_noted_in_the_transaction_of_what_was_done(engine: Engine) -> None:
    acts = Acts(engine, noon)
    with engine.connect() as connection:
        acts.note(AMINA, "person.added", connection=connection)
        connection.rollback()
    assert acts.listed() == []


def test_an_act_that_was_written_with_its_change_is_written_once(engine: Engine) -> None:
    acts = Acts(engine, noon)
    with acts.noting(AMINA, "together") as act, engine.begin() as connection:
        act.note(connection)
    assert [each.outcome for each in acts.listed()] == [DONE]


def test_what_fails_after_its_act_was_written_is_told_too(engine: Engine) -> None:
    acts = Acts(engine, noon)

    def fail() -> None:
        with acts.noting(AMINA, "together") as act:
            with engine.begin() as connection:
                act.note(connection)
            raise ValueError("afterwards")

    with pytest.raises(ValueError, match="afterwards"):
        fail()
    assert [(each.outcome, each.detail) for each in acts.listed()] == [(REFUSED, "afterwards"), (DONE, "")]
