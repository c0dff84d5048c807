"""The view anew from the log is the view that was."""

import pytest
from sqlalchemy import delete, update

from hub import tables
from hub.rebuild import VIEW, rebuild
from hub.view_digest import Digests
from hub.view_lines import changes, folded_to
from tests.hub.batches import commit, restarted, rows, view_of_all
from tests.hub.plain_view import plain_state, replayed
from tests.hub.published import Published, example
from tests.signed_network import contact, key_of, need, signed_anew
from wire.database import reading

log = tables.log


def lively(network: Published) -> None:
    """All that can happen to a record, in several batches."""
    ours, theirs = network.admit("ke-nctc"), network.admit("fr-office")
    activity = example("activity")
    commit(
        network.writer,
        ours.say(id="revised"),
        ours.say(id="withdrawn"),
        ours.say(id="spoilt"),
        theirs.say(activity, kind="activity", id="a1"),
        theirs.say(contact(), kind="contact", id="c1", marking="TLP:GREEN"),
        ours.say(need(weight=1), id="never-valid"),
    )
    commit(network.writer, ours.say(need("Anew"), id="revised", action="revised"), theirs.say(id="back"))
    commit(network.writer, ours.say(id="withdrawn", action="withdrawn"), theirs.say(id="back", action="withdrawn"))
    commit(network.writer, ours.say(need(consent_to_publish=False), id="spoilt", action="revised"))
    commit(network.writer, theirs.say(need("Back"), id="back"), ours.say(id="unknown", action="withdrawn"))
    commit(network.writer, ours.rotate(), signed_anew(theirs.twin().say(), key_of("stranger")))


def test_a_rebuild_gives_the_same_view(network: Published) -> None:
    lively(network)
    before, about = view_of_all(network.engine), rows(network.engine, log)
    assert all(before.values()), "every table of the view holds something"
    assert rebuild(network.engine) == network.writer.state.size
    assert view_of_all(network.engine) == before
    assert rows(network.engine, log) == about


def digest(network: Published) -> tuple[bytes, int]:
    with reading(network.engine).connect() as connection:
        found = Digests().state(connection)
    return found.state, found.rows


def test_a_rebuild_gives_the_same_digest_and_the_one_that_a_plain_replay_gives(network: Published) -> None:
    lively(network)
    lines = replayed(network.engine)
    before = digest(network)
    assert before == (plain_state(lines), len(lines))
    with network.engine.begin() as connection:
        connection.execute(update(tables.records).values(index=tables.records.c.record))
        connection.execute(delete(tables.view_lines))
    assert digest(network) != before
    rebuild(network.engine)
    assert digest(network) == before
    with reading(network.engine).connect() as connection:
        assert not list(changes(connection, folded_to(connection))), "nothing is left to fold in"


def test_a_rebuild_puts_right_what_somebody_changed_in_the_view(network: Published) -> None:
    lively(network)
    before = view_of_all(network.engine)
    with network.engine.begin() as connection:
        for table in VIEW[:-2]:
            connection.execute(delete(table))
        connection.execute(update(tables.records).values(title="Forged"))
        connection.execute(delete(tables.exclusions))
    rebuild(network.engine)
    assert view_of_all(network.engine) == before


def test_a_rebuild_that_is_interrupted_leaves_the_old_view(network: Published) -> None:
    lively(network)
    before = view_of_all(network.engine)

    class Interrupted(Exception):
        pass

    def interrupt(_done: int, _total: int) -> None:
        raise Interrupted

    with pytest.raises(Interrupted):
        rebuild(network.engine, interrupt)
    assert view_of_all(network.engine) == before


def test_a_rebuild_of_many_entries_goes_in_parts_and_says_how_far_it_is(
    network: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    lively(network)
    before = view_of_all(network.engine)
    monkeypatch.setattr("hub.rebuild.BATCH", 2)
    steps: list[tuple[int, int]] = []
    rebuild(network.engine, lambda done, total: steps.append((done, total)))
    size = network.writer.state.size
    assert steps[-1] == (size, size)
    assert len(steps) >= size // 2
    assert view_of_all(network.engine) == before


def test_the_hub_goes_on_after_a_rebuild(network: Published) -> None:
    lively(network)
    rebuild(network.engine)
    again = restarted(network.engine)
    ours = network.organizations["ke-nctc"]
    assert len(commit(again, ours.say(need("After"), id="revised", action="revised")).outcome.entries) == 1


def test_a_record_of_which_only_its_withdrawal_was_seen_stays_erased(small_network: Published) -> None:
    ours = small_network.admit("ke-nctc")
    said = ours.say(id="x", action="withdrawn")
    commit(small_network.writer, said, ours.order("need/ke-nctc/x", [said.hash]))
    before = view_of_all(small_network.engine)
    rebuild(small_network.engine)
    assert view_of_all(small_network.engine) == before
