"""Tests of hub/finding/listing.py: what the index finds, and what it has not read yet, come out the same."""

from typing import Any

import pytest

from hub import search
from hub.access import VISIBLE, Role
from hub.filters import Filters
from hub.finding import listing
from hub.finding.listing import find, find_newest, is_indexed, is_needed
from tests.hub.finding.asked import found
from tests.hub.finding.plans import asked_of, plan_of
from tests.hub.published import Published, example
from tests.signed_network import contact, need
from wire.database import reading

QUESTIONS = (
    {"q": "readers"}, {"q": "doc*"}, {"place": ["002"]}, {"place": ["KEN"], "kind": ["need"]}, {"theme": ["2.10"]},
    {"status": ["acknowledged"]}, {"status": ["withdrawn"]}, {"since": "2026-11-23T12:00:00Z", "place": ["001"]},
    {"role": ["duty_officer_24x7"]}, {"language": ["ar"]}, {"available_24x7": True}, {"kind": ["need", "contact"]},
)  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "indexed", "needed"),
    [
        ({}, False, False), ({"kind": ["need"]}, False, False), ({"org": ["xa-centre"]}, False, False),
        ({"kind": ["need"], "org": ["xa-centre"]}, True, False), ({"place": ["KEN"]}, True, False),
        ({"status": ["erased"], "place": ["KEN"]}, False, False), ({"q": "pumps"}, True, True),
        ({"role": ["general"]}, True, True), ({"status": ["current"]}, False, False),
    ],
)  # fmt: skip
def test_the_index_is_asked_where_it_is_quicker(asked: dict[str, list[str]], indexed: bool, needed: bool) -> None:
    filters = Filters.model_validate(asked)
    assert (is_indexed(filters), is_needed(filters)) == (indexed, needed)


def test_what_is_not_in_the_index_yet_is_found_all_the_same(
    network: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "AT_ONCE", 2)
    network.publish("need", need(), id="n1")
    network.publish("contact", example("contact", visibility="public"), id="c1", marking="TLP:CLEAR")
    search.catch_up(reading(network.engine), network.tail.size)
    network.publish("need", need("Doctors"), id="n2")
    network.publish("need", need("Changed"), id="n1", action="revised")  # in the index by what it was
    network.publish("contact", contact(languages=[{"language": "ar"}]), id="c2", marking="TLP:GREEN")
    network.publish("need", id="n3")
    network.withdraw("need", id="n3")
    late = [found(network, Role.MEMBER, behind=True, **asked) for asked in QUESTIONS]
    assert late == [found(network, Role.MEMBER, **asked) for asked in QUESTIONS]
    assert all(len(each) > 0 for each in late)
    assert len(found(network, place=["KEN"])) == 2  # one of them revised: once, where it is now


def test_where_most_is_hidden_the_index_is_asked_for_markings_too(network: Published) -> None:
    for number in range(9):
        network.publish("contact", contact(), id=f"c{number}", marking="TLP:GREEN")
    network.publish("contact", example("contact", visibility="public"), id="open", marking="TLP:CLEAR")
    assert len(found(network, role=["duty_officer_24x7"])) == 1
    assert len(found(network, Role.MEMBER, role=["duty_officer_24x7"])) == 10


def newest(network: Published, before: int | None = None, limit: int = 500, **asked: Any) -> list[int]:
    with reading(network.engine).connect() as connection:
        return find_newest(connection, Filters.model_validate(asked), VISIBLE[Role.PUBLIC], before, limit)


def test_the_newest_come_first_from_the_index_and_from_beyond_it(network: Published) -> None:
    for number in range(4):
        network.publish("need", need(), id=f"n{number}")
    search.catch_up(reading(network.engine), network.tail.size)
    network.publish("need", need("Changed"), id="n1", action="revised")
    network.publish("need", need(), id="n4")
    everything = newest(network, place=["KEN"])
    assert everything == found(network, place=["KEN"], behind=True)[::-1]
    assert newest(network, limit=2, place=["KEN"]) == everything[:2]
    assert newest(network, before=everything[1], limit=2, place=["KEN"]) == everything[2:4]
    assert newest(network, before=everything[3], place=["KEN"]) == everything[4:]


@pytest.mark.parametrize("newest_first", [False, True])
def test_sqlite_walks_the_words_in_the_order_of_the_log_and_sorts_nothing(
    small_network: Published, newest_first: bool
) -> None:
    small_network.publish("need", need(), id="n1")
    search.catch_up(reading(small_network.engine), small_network.tail.size)
    asked = Filters(q="readers", kind=["need"])
    with reading(small_network.engine).connect() as connection, asked_of(connection, "record_search MATCH") as said:
        one = find_newest(connection, asked, VISIBLE[Role.PUBLIC], None, 9) if newest_first else None
        assert one or find(connection, asked, VISIBLE[Role.PUBLIC], -1, 9)
        [plan] = [plan_of(connection, each) for each in said]
    assert "record_search VIRTUAL TABLE INDEX" in plan
    assert "SCAN records" not in plan
    assert "TEMP B-TREE" not in plan
