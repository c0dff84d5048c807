"""Disputes in the view: out of every list until the owner says it again, and the same after a rebuild."""

from datetime import date
from typing import Any

import pytest

from hub import search, tables
from hub.filters import Page, PageOnly
from hub.queries import list_records, record_of
from hub.rebuild import rebuild
from hub.record_versions import record_history
from tests.hub.batches import commit, restarted, rows, view_of_all
from tests.hub.published import Published, example
from tests.signed_network import Organization, enrolled, key_of, need
from wire.actions import KeyReplaced, KeyRevoked
from wire.database import reading

CLEAR = ("TLP:CLEAR",)
TODAY = date(2026, 11, 26)


def shown(network: Published, *status: str) -> dict[str, str]:
    with network.engine.connect() as connection:
        found = list_records(connection, Page(status=list(status)), CLEAR, TODAY).items
    return {each["id"]: each["status"] for each in found}


def one(network: Published, id_: str) -> Any:
    with network.engine.connect() as connection:
        return record_of(connection, ("need", "ke-nctc", id_), CLEAR, TODAY)


def revoke(network: Published, last: int, key: str = "ke-nctc") -> None:
    place: Any = network.roots.place()
    kid = key_of(key).public.thumbprint
    network.register(
        KeyRevoked(organization="ke-nctc", key=kid, last_good_sequence=last, reason="Stolen.", **place)
    )  # fmt: skip


def replace(network: Published) -> None:
    place: Any = network.roots.place()
    members = {**enrolled("ke-nctc-2"), "organization": "ke-nctc"}
    del members["name"]
    network.register(KeyReplaced(reason="Stolen.", **place, **members))
    network.organizations["ke-nctc"].key = key_of("ke-nctc-2")


@pytest.fixture
def stolen(network: Published) -> Published:
    """Two needs, then a thief revises one, publishes a third and withdraws the second; then the key is revoked."""
    ours = network.admit("ke-nctc")
    commit(network.writer, ours.say(id="n1"), ours.say(id="n2"), ours.say(id="n0"))
    commit(network.writer, ours.say(need("By a thief"), id="n1", action="revised"), ours.say(id="n3"))
    commit(network.writer, ours.say(id="n2", action="withdrawn"))
    revoke(network, 3)
    return network


def test_what_a_thief_said_leaves_the_view_and_is_found_by_its_status_only(stolen: Published) -> None:
    assert shown(stolen) == {"n0": "current"}
    assert shown(stolen, "current") == {"n0": "current"}
    assert shown(stolen, "withdrawn") == {}
    assert shown(stolen, "disputed") == {"n1": "disputed", "n3": "disputed", "n2": "disputed"}
    assert one(stolen, "n1")["status"] == "disputed"


def test_the_history_of_a_record_says_which_versions_are_disputed(stolen: Published) -> None:
    replace(stolen)
    commit(stolen.writer, stolen.organizations["ke-nctc"].say(id="n1", action="confirmed"))
    with stolen.engine.connect() as connection:
        registry = stolen.writer.state.registry
        found = record_history(connection, ("need", "ke-nctc", "n1"), CLEAR, PageOnly(), registry)
    assert found is not None
    assert [each.get("disputed", False) for each in found.items] == [False, True, False]


def test_what_its_owner_says_again_under_a_good_key_returns(stolen: Published) -> None:
    replace(stolen)
    ours = stolen.organizations["ke-nctc"]
    commit(stolen.writer, ours.say(id="n1", action="confirmed"), ours.say(need("Ours"), id="n2", action="revised"))
    assert shown(stolen) == {"n0": "current", "n1": "current", "n2": "current"}
    commit(stolen.writer, ours.say(id="n3", action="withdrawn"))
    assert shown(stolen, "disputed") == {}
    assert shown(stolen, "withdrawn") == {"n3": "withdrawn"}


def test_what_a_thief_wrote_does_not_return_with_the_withdrawal_of_its_owner(stolen: Published) -> None:
    replace(stolen)
    commit(stolen.writer, stolen.organizations["ke-nctc"].say(id="n1", action="withdrawn"))
    assert shown(stolen, "withdrawn") == {"n1": "withdrawn"}
    assert "By a thief" not in str(one(stolen, "n1"))
    assert found_by_words(stolen, "thief", "withdrawn") == []
    before = view_of_all(stolen.engine)
    rebuild(stolen.engine)
    assert view_of_all(stolen.engine) == before


def found_by_words(network: Published, words: str, *status: str) -> list[str]:
    search.catch_up(reading(network.engine), network.tail.size)
    with network.engine.connect() as connection:
        return [each["id"] for each in list_records(connection, Page(q=words, status=list(status)), CLEAR, TODAY).items]


def test_words_and_status_are_both_asked_for(stolen: Published) -> None:
    assert found_by_words(stolen, "readers") == ["n0"]
    assert found_by_words(stolen, "thief") == []
    assert found_by_words(stolen, "thief", "disputed") == ["n1"]
    assert found_by_words(stolen, "readers", "disputed") == ["n1", "n3", "n2"]
    assert found_by_words(stolen, "readers", "acknowledged", "disputed") == ["n0", "n1", "n3", "n2"]
    assert found_by_words(stolen, "readers", "erased") == []
    assert found_by_words(stolen, "readers", "elsewhere") == []


def test_a_rebuild_comes_to_the_same_disputes(stolen: Published) -> None:
    replace(stolen)
    commit(stolen.writer, stolen.organizations["ke-nctc"].say(id="n1", action="confirmed"))
    before = view_of_all(stolen.engine)
    rebuild(stolen.engine)
    assert view_of_all(stolen.engine) == before
    assert set(shown(stolen, "disputed")) == {"n2", "n3"}


def test_an_earlier_last_good_sequence_disputes_more(stolen: Published) -> None:
    revoke(stolen, 2)
    assert shown(stolen) == {}
    before = view_of_all(stolen.engine)
    rebuild(stolen.engine)
    assert view_of_all(stolen.engine) == before


def test_what_was_said_under_another_key_stands(network: Published) -> None:
    ours = network.admit("ke-nctc")
    commit(network.writer, ours.say(id="n1"), ours.rotate(), ours.say(id="n2"))
    revoke(network, 0)
    assert shown(network) == {"n2": "current"}
    commit(network.writer, ours.say(id="n3"))
    assert set(shown(network)) == {"n2", "n3"}, "the key after the rotation is good"


def test_a_disputed_record_covers_nothing(network: Published) -> None:
    ours = network.admit("ke-nctc")
    commit(network.writer, ours.say(example("activity"), kind="activity", id="a1"), ours.say(id="n1"))
    assert rows(network.engine, tables.coverage) != []
    revoke(network, 0)
    assert rows(network.engine, tables.coverage) == []


def test_a_fork_is_resolved_by_the_rotation_of_its_owner(network: Published) -> None:
    ours = network.admit("ke-nctc")
    copy = ours.twin()
    commit(network.writer, ours.say(id="n1"))
    commit(network.writer, copy.say(need("Another"), id="n9"))
    thief = Organization("ke-nctc", ours.head, key_of("ke-nctc"), sequence=ours.sequence)
    assert commit(network.writer, thief.twin().say(id="n2")).outcome.entries == []
    commit(network.writer, ours.rotate(), ours.say(id="n2"))
    assert set(shown(network)) == {"n1", "n2"}
    again = restarted(network.engine)
    assert again.state.speakers["ke-nctc"].forked is False
    assert again.state.registry == network.writer.state.registry
    assert commit(again, thief.say(id="n7")).outcome.quarantined[0].reason in {"key-not-valid", "forked"}


def test_a_fork_is_resolved_by_new_keys_from_the_roots(network: Published) -> None:
    ours = network.admit("ke-nctc")
    copy = ours.twin()
    commit(network.writer, ours.say(id="n1"))
    commit(network.writer, copy.say(need("Another"), id="n9"))
    replace(network)
    assert restarted(network.engine).state.speakers["ke-nctc"].forked is False
    commit(network.writer, ours.say(id="n2"))
    assert set(shown(network)) == {"n1", "n2"}
