"""The lines of the view: folded in whenever, they and what changed since are always the view."""

import pytest
from sqlalchemy import Connection, select

from hub import tables, view_lines
from hub.view_lines import changes, fold, folded_to, forget, lines_of, log_size, many_wait, newest_change
from tests.hub.batches import commit
from tests.hub.plain_view import replayed
from tests.hub.published import Published
from tests.signed_network import need
from wire.view_digest import bucket_of


def lines(connection: Connection) -> dict[str, bytes]:
    table = tables.view_lines
    found = connection.execute(select(table.c.bucket, table.c.address, table.c.hash)).all()
    assert all(bucket_of(address) == bucket for bucket, address, _ in found)
    return {address: bytes(statement) for _, address, statement in found}


def test_an_empty_view_has_nothing_to_fold(network: Published) -> None:
    with network.engine.begin() as connection:
        assert (newest_change(connection), list(changes(connection, 0)), fold(connection)) == (-1, [], 0)
        assert folded_to(connection) == log_size(connection) == 1
        assert lines(connection) == {}


def test_folded_lines_are_what_a_replay_of_the_log_gives(network: Published) -> None:
    ours = network.admit("ke-nctc")
    first = [ours.say(id=f"n{number}") for number in range(7)]
    commit(network.writer, *first, ours.say(need(weight=1), id="n0", action="revised"))
    with network.engine.begin() as connection:
        assert fold(connection) == 7
        assert lines(connection) == replayed(network.engine)
    commit(network.writer, ours.say(id="n1", action="withdrawn"), ours.say(id="n2", action="confirmed"))
    with network.engine.begin() as connection:
        assert lines(connection) != replayed(network.engine)
        assert [change.address for change in changes(connection, folded_to(connection))] == [
            "need/ke-nctc/n1", "need/ke-nctc/n2",
        ]  # fmt: skip
        assert fold(connection) == 2
        assert lines(connection) == replayed(network.engine)
        assert fold(connection) == 0
        bucket, empty = bucket_of("need/ke-nctc/n1"), bucket_of("need/ke-nctc/elsewhere")
        found = lines_of(connection, [bucket, empty])
        assert found[bucket]["need/ke-nctc/n1"] == replayed(network.engine)["need/ke-nctc/n1"]
        assert found[empty] == {}


def test_forgotten_lines_are_filled_again_from_the_view(network: Published) -> None:
    ours = network.admit("ke-nctc")
    commit(network.writer, *(ours.say(id=f"n{number}") for number in range(5)))
    with network.engine.begin() as connection:
        fold(connection)
        forget(connection)
        assert (lines(connection), folded_to(connection)) == ({}, 0)
        assert fold(connection) == 5
        assert lines(connection) == replayed(network.engine)


def test_changes_are_read_page_by_page_and_folded_batch_by_batch(
    network: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = network.admit("ke-nctc")
    commit(network.writer, *(ours.say(id=f"n{number}") for number in range(11)))
    with network.engine.begin() as connection:
        whole = list(changes(connection, 0))
        assert list(changes(connection, 0, page=3)) == whole
        assert [change.at for change in whole] == list(range(2, 13))
        assert not many_wait(connection)
        monkeypatch.setattr(view_lines, "FOLD", 4)
        assert many_wait(connection)
        assert fold(connection) == 11
        assert not many_wait(connection)
        assert lines(connection) == replayed(network.engine)


def test_a_fold_that_is_undone_leaves_the_lines_as_they_were(network: Published) -> None:
    ours = network.admit("ke-nctc")
    commit(network.writer, ours.say())
    with network.engine.connect() as connection:
        fold(connection)
        connection.rollback()
        assert (lines(connection), folded_to(connection)) == ({}, 0)
