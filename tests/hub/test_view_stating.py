"""The hub states its view in its own chain: what it says is what anybody finds who replays the log."""

import orjson
import pytest
from sqlalchemy import select

from hub import tables, view_digest, view_lines
from hub.view_stating import Stating
from hub.writer import Committed
from tests.hub.batches import commit, restarted
from tests.hub.plain_view import log_tokens, plain_root, plain_state, replayed
from tests.hub.published import Published
from tests.signed_network import key_of, need, statement_of
from wire.actions import KeyRevoked
from wire.view_digest import Stated, open_stated


class Clock:
    """Seconds as a test says them."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def said(committed: Committed | None) -> Stated:
    assert committed is not None
    [entry] = committed.outcome.entries
    statement = statement_of(entry.token)
    stated = open_stated(entry.body or b"")
    assert (statement["type"], statement["marking"]) == ("liaison.view.stated", "TLP:CLEAR")
    assert statement["subject"] == f"control/hub/view-{stated.size}"
    assert entry.index == stated.size, "the size is the log's before the statement itself"
    return stated


def assert_true(stated: Stated, network: Published) -> None:
    lines = replayed(network.engine, stated.size)
    assert (stated.rows, stated.state) == (len(lines), plain_state(lines))
    assert stated.root == plain_root(log_tokens(network.engine, stated.size))


def test_what_is_stated_is_what_a_replay_of_the_log_gives(network: Published) -> None:
    ours = network.admit("ke-nctc")
    commit(network.writer, ours.say(id="a"), ours.say(id="b"), ours.say(need(weight=1), id="bad"))
    first = said(network.writer.state_view())
    commit(network.writer, ours.say(id="a", action="withdrawn"), ours.say(id="c"))
    second = said(network.writer.state_view())
    for stated in (first, second):
        assert_true(stated, network)
    assert (first.rows, second.rows) == (2, 3)
    assert first.state != second.state


def test_a_statement_is_public_and_in_the_hub_s_chain_and_the_chain_goes_on(network: Published) -> None:
    network.publish("need")
    committed = network.writer.state_view()
    assert committed.size == network.writer.state.size
    assert network.writer.state.speakers["hub"].sequence == 1
    network.writer = restarted(network.engine)
    assert network.writer.state.speakers["hub"].head == committed.outcome.entries[0].hash
    assert_true(said(network.writer.state_view()), network)


def test_an_empty_view_and_one_that_has_not_changed_are_not_stated(network: Published) -> None:
    clock = Clock()
    network.writer._stating = Stating(clock)
    assert network.writer.keep_view() is None
    network.publish("need")
    assert network.writer.keep_view() is None
    clock.now += 601
    assert_true(said(network.writer.keep_view()), network)
    for _ in range(3):
        clock.now += 10_000
        assert network.writer.keep_view() is None, "the statement itself is no change"
    network.admit("fr-office")
    clock.now += 10_000
    assert network.writer.keep_view() is None, "neither is an admission"


def test_the_wait_begins_with_the_first_change_and_a_later_one_does_not_prolong_it(network: Published) -> None:
    clock = Clock()
    network.writer._stating = Stating(clock)
    network.publish("need", id="a")
    for _ in range(6):
        assert network.writer.keep_view() is None
        clock.now += 100
        network.publish("need", id="b", action="confirmed")
    clock.now += 1
    assert said(network.writer.keep_view()).rows == 2


def test_enough_events_are_stated_at_once_also_when_they_came_before_a_restart(
    network: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(view_digest, "LEAST_EVENTS", 8)
    for number in range(5):
        network.publish("need", id=f"n{number}")
    assert network.writer.keep_view() is None
    network.writer = restarted(network.engine)
    network.publish("need", id="n5")
    stated = said(network.writer.keep_view())
    assert stated.rows == 6
    assert_true(stated, network)
    network.writer = restarted(network.engine)
    assert network.writer.keep_view() is None


def test_when_many_changes_wait_they_are_folded_in(network: Published, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(view_lines, "FOLD", 3)
    network.publish("need", id="a")
    network.publish("need", id="b")
    assert network.writer.keep_view() is None
    with network.engine.begin() as connection:
        assert len(connection.execute(select(tables.view_lines)).all()) == 2
        assert not view_lines.many_wait(connection)


def test_a_writer_that_starts_on_a_view_without_lines_fills_them_in(
    network: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So does a database that was made before there were any."""
    for number in range(4):
        network.publish("need", id=f"n{number}")
    monkeypatch.setattr(view_lines, "FOLD", 3)
    network.writer = restarted(network.engine)
    with network.engine.begin() as connection:
        assert len(connection.execute(select(tables.view_lines)).all()) == 4
    assert_true(said(network.writer.state_view()), network)


def test_a_statement_that_is_not_committed_leaves_no_trace(network: Published, monkeypatch: pytest.MonkeyPatch) -> None:
    network.publish("need", id="a")
    size = network.writer.state.size

    class Torn(Exception):
        pass

    def tear(*_: object) -> None:
        raise Torn

    monkeypatch.setattr(network.writer._store, "write_cursor", tear)
    with pytest.raises(Torn):
        network.writer.state_view()
    monkeypatch.undo()
    assert network.writer.state.size == size
    network.publish("need", id="b")
    assert_true(said(network.writer.state_view()), network)


def test_a_disputed_record_keeps_its_line(network: Published) -> None:
    """A revocation hides what a thief said, and the digest still says that it was said last."""
    ours = network.admit("ke-nctc")
    commit(network.writer, ours.say(id="a"), ours.say(need("By a thief"), id="a", action="revised"))
    before = said(network.writer.state_view())
    kid = key_of("ke-nctc").public.thumbprint
    network.register(
        KeyRevoked(organization="ke-nctc", key=kid, last_good_sequence=1, reason="Stolen.", **network.roots.place())
    )
    with network.engine.connect() as connection:
        assert connection.execute(select(tables.records.c.disputed)).scalar_one()
    after = said(network.writer.state_view())
    assert_true(after, network)
    assert (after.rows, after.state) == (before.rows, before.state)


def test_the_body_has_a_nonce_of_its_own(network: Published) -> None:
    network.publish("need")
    bodies = [network.writer.state_view().outcome.entries[0].body or b"" for _ in range(2)]
    first, second = (orjson.loads(body) for body in bodies)
    assert first["nonce"] != second["nonce"]
    assert (first["rows"], first["state"]) == (second["rows"], second["state"])
