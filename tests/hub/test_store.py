"""Writing to the database: a batch whole or not at all, whatever fails in the middle of it."""

from typing import Any, Self

import pytest
from sqlalchemy import Engine, event, func, select

from hub import tables
from tests.hub.batches import chain_of, commit, everything, restarted, view_of_all
from tests.hub.published import Published
from tests.signed_network import key_of, need, signed_anew
from wire.examine import Message
from wire.seal import Sealed


class PowerCut(Exception):
    """The database goes away in the middle of a transaction."""


class Cut:
    """Lets so many SQL writes pass, then fails; counts those it saw."""

    def __init__(self, engine: Engine, after: int) -> None:
        self.engine, self.after, self.seen = engine, after, 0

    def __enter__(self) -> Self:
        event.listen(self.engine, "before_cursor_execute", self._strike)
        return self

    def __exit__(self, *_: object) -> None:
        event.remove(self.engine, "before_cursor_execute", self._strike)

    def _strike(self, _c: object, _u: object, statement: str, *_: object) -> None:
        if statement.lstrip().upper().startswith(("INSERT", "UPDATE", "DELETE")):
            self.seen += 1
            if self.seen > self.after:
                self.after = 10**9  # the database is back for whoever tries again
                raise PowerCut


def test_a_batch_that_fails_at_any_write_leaves_nothing_half_and_succeeds_when_it_comes_again(
    network: Published,
) -> None:
    ours, theirs = network.admit("ke-nctc"), network.admit("fr-office")
    commit(network.writer, ours.say(), theirs.say())
    copy = theirs.twin()
    batch: list[Sealed | Message] = [
        ours.say(action="revised"), ours.say(need(weight=1), id="bad"), theirs.say(id="t2"), copy.say(id="fork"),
        ours.say(action="withdrawn"), signed_anew(ours.say(id="later"), key_of("stranger")),
    ]  # fmt: skip
    before = everything(network.engine)
    failures = 0
    while True:
        with Cut(network.engine, failures) as cut:
            try:
                commit(network.writer, *batch, position=9)
            except PowerCut:
                failures += 1
                assert everything(network.engine) == before
                assert network.writer.state == restarted(network.engine).state
                continue
        break
    assert failures == cut.seen
    assert failures > 10
    assert chain_of(network.engine, "ke-nctc") == [1, 2, 3, 4]
    assert network.writer.state == restarted(network.engine).state
    assert view_of_all(network.engine) != before


def test_a_commit_that_fails_leaves_nothing_half(network: Published) -> None:
    ours = network.admit("ke-nctc")
    sealed = ours.say()
    before = everything(network.engine)

    def strike(_connection: object) -> None:
        event.remove(network.engine, "commit", strike)
        raise PowerCut

    event.listen(network.engine, "commit", strike)
    with pytest.raises(PowerCut):
        commit(network.writer, sealed)
    assert everything(network.engine) == before
    assert commit(network.writer, sealed).stands["ke-nctc"].sequence == 1


def test_the_oldest_of_an_organizations_refused_messages_make_room(
    small_network: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.store.QUARANTINE_PER_ORGANIZATION", 5)
    small_network.admit("ke-nctc")
    junk = [Message("ke-nctc", "need", b"junk %d" % number, None) for number in range(12)]
    other = Message("fr-office", "need", b"junk", None)
    commit(small_network.writer, other, *junk)
    with small_network.engine.begin() as connection:
        kept = connection.execute(select(tables.quarantine.c.token).order_by(tables.quarantine.c.number)).scalars()
        assert list(kept) == [b"junk", *(message.token for message in junk[-5:])]
        assert connection.scalar(select(func.count()).select_from(tables.quarantine)) == 6


def test_the_records_of_a_batch_are_looked_up_by_index_however_large_the_view(small_network: Published) -> None:
    ours = small_network.admit("ke-nctc")
    asked: list[tuple[str, Any]] = []

    def note(_c: object, _u: object, statement: str, parameters: Any, *_: object) -> None:
        if "records.tag IN" in statement:
            asked.append((statement, parameters))

    event.listen(small_network.engine, "before_cursor_execute", note)
    commit(small_network.writer, ours.say())
    commit(small_network.writer, *[ours.say(id=f"n{number}") for number in range(300)])
    event.remove(small_network.engine, "before_cursor_execute", note)
    assert [len(parameters) for _, parameters in asked] == [1, 300]
    for statement, parameters in asked:
        with small_network.engine.begin() as connection:
            plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", tuple(parameters))]
        assert [step.split(" (")[0] for step in plan] == ["SEARCH records USING INDEX records_by_address"]
