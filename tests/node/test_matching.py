"""Tests of matching: a need matches what is offered, or is a priority, where themes and places overlap."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from node.edit import Put, Withdraw
from node.matching import (
    MAX_ASKED,
    Interest,
    interests_of,
    match_form,
    matching,
    needs_at_hub,
    needs_in_inbox,
    read_need,
)
from node.node import Node
from node.pages.desk import Role
from schemas.entry import parse_entry
from tests.hub.published import Published, small_network, sqlite_engine
from tests.hub.serving import served
from tests.node.nodes import joined_node
from tests.node.pages.asked import Reader
from tests.node.test_cli_readers import letter
from tests.schemas.examples import EXAMPLES
from tests.signed_network import NEVER_DUE, need

__all__ = ["small_network", "sqlite_engine"]
TODAY = date(2026, 11, 26)
READERS = {"scheme": "theme_1373", "code": "2.10"}
OFFER = {
    **EXAMPLES["offer"], "id": "o1", "themes": [READERS], "eligible_places": [{"country": "KEN"}], "open": True,
    "available_until": NEVER_DUE,
}  # fmt: skip


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    node = joined_node(tmp_path / "node")
    yield node
    node.engine.dispose()


def interest(places: tuple[str, ...] = ("KEN",), theme: tuple[str, str] = ("theme_1373", "2.10")) -> Interest:
    return Interest("offer", "o1", "", frozenset([theme]), frozenset(places))


@pytest.mark.parametrize(
    ("one", "matched"),
    [
        (interest(), True), (interest(()), True), (interest(("014",)), True), (interest(("XAA", "KEN")), True),
        (interest(("UGA",)), False), (interest(("019",)), False), (interest(theme=("theme_1373", "2")), True),
        (interest(theme=("theme_1373", "2.1")), False), (interest(theme=("who_jee", "2.10")), False),
    ],
)  # fmt: skip
def test_themes_and_places_must_overlap(one: Interest, matched: bool) -> None:
    assert matching(need(), [one]) == ((one,) if matched else ())


def test_a_need_of_a_region_matches_what_is_offered_to_a_country_in_it() -> None:
    assert matching(need(beneficiary={"region": "014"}), [interest()])


@pytest.mark.parametrize("status", ["draft", "completed", "withdrawn"])
def test_a_need_that_is_not_open_matches_nothing(status: str) -> None:
    assert matching(need(need_status=status), [interest()]) == ()


@pytest.mark.parametrize(
    ("changes", "found"),
    [({}, ["o1"]), ({"open": False}, []), ({"available_until": "2026-11-25"}, []), ({"available_until": None}, ["o1"])],
)
def test_only_what_is_offered_still_is_of_interest(node: Node, changes: dict[str, Any], found: list[str]) -> None:
    offer = {name: value for name, value in {**OFFER, **changes}.items() if value is not None}
    node.editor.apply([Put(parse_entry(offer))])
    assert [each.id for each in interests_of(node, TODAY).items] == found


def test_priorities_of_today_are_of_interest_too(node: Node) -> None:
    priority = {**EXAMPLES["priority"], "period_start": "2026-01-01"}
    for record_id, end in (("p1", "2026-12-31"), ("p2", "2026-06-30")):
        node.editor.apply([Put(parse_entry({**priority, "id": record_id, "period_end": end}))])
    assert [(each.kind, each.id) for each in interests_of(node, TODAY).items] == [("priority", "p1")]


def test_the_hub_is_asked_for_needs_that_match(node: Node, small_network: Published) -> None:
    small_network.publish("need", need("Readers"), org="xb-police", id="n1")
    small_network.publish("need", need("Elsewhere", beneficiary={"country": "FJI"}), org="xb-police", id="n2")
    small_network.publish("need", need("Region", beneficiary={"region": "014"}), org="xb-police", id="n3")
    with served(small_network) as hub:
        asking = replace(node, settings=replace(node.settings, hub=hub.address))
        found = needs_at_hub(asking, [interest()])
    assert (sorted(each.item["id"] for each in found.items), found.trouble) == (["n1", "n3"], "")


def test_without_interests_nobody_is_asked_and_a_hub_that_is_away_is_told(node: Node) -> None:
    assert not needs_at_hub(node, []).asked
    assert needs_at_hub(node, [interest()]).trouble == "not-asked"
    away = replace(node, settings=replace(node.settings, hub="http://127.0.0.1:1"))
    assert needs_at_hub(away, [interest()]).trouble


def test_needs_in_the_inbox_are_given_with_those_that_match_first(node: Node) -> None:
    node.letters.keep(letter(7))
    for index, changes in ((9, {"id": "n7"}), (11, {"action": "withdrawn"}), (13, {"reason": "schema-invalid"})):
        node.letters.keep(letter(index, **changes))
    node.letters.keep(letter(15, kind="contact"))
    node.letters.keep(letter(17))
    assert [each.letter for each in needs_in_inbox(node, [])] == [17, 9]
    assert all(each.interests for each in needs_in_inbox(node, [interest()]))


@pytest.mark.parametrize(
    "changes",
    [{"status": "withdrawn"}, {"org": "../x"}, {"id": 7}, {"marking": "x"}, {"record": None}, {"record": {"title": 1}}],
)
def test_what_a_hub_gives_is_taken_for_a_need_only_if_it_is_one(changes: dict[str, Any]) -> None:
    given = {
        "kind": "need",
        "org": "ke-nctc",
        "id": "n1",
        "marking": "TLP:CLEAR",
        "record": need(),
        "status": "current",
    }
    assert read_need(given) is not None
    assert read_need({**given, **changes}) is None
    assert read_need(None) is None


def test_needs_that_are_answered_come_after_those_that_are_not(node: Node) -> None:
    for index in (7, 9, 11):
        node.letters.keep(letter(index))
    answer = {**EXAMPLES["activity"], "id": "a1", "answers_needs": ["need/ke-nctc/n11", "need/ke-nctc/n7", "mine"]}
    node.editor.apply([Put(parse_entry(answer))])
    found = needs_in_inbox(node, [])
    assert [(each.letter, [(own.kind, own.id) for own in each.answers]) for each in found] == [
        (9, []), (11, [("activity", "a1")]), (7, [("activity", "a1")]),
    ]  # fmt: skip
    assert match_form(found[1], "xa-centre")["answered_by"] == ["activity/xa-centre/a1"]
    node.editor.apply([Withdraw("activity", "a1", "It ended.")])
    assert [each.letter for each in needs_in_inbox(node, []) if each.answers] == []


def test_that_more_is_there_than_is_compared_is_told(
    node: Node, small_network: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    for record_id in ("o1", "o2"):
        node.editor.apply([Put(parse_entry({**OFFER, "id": record_id}))])
        small_network.publish("need", need("Readers"), org="xb-police", id=record_id)
    assert not interests_of(node, TODAY).more
    monkeypatch.setattr("node.matching.MAX_INTERESTS", 1)
    monkeypatch.setattr("node.matching.MAX_NEEDS", 1)
    found = interests_of(node, TODAY)
    assert ([each.id for each in found.items], found.more) == (["o2"], True)
    with served(small_network) as hub:
        asking = replace(node, settings=replace(node.settings, hub=hub.address))
        matches = needs_at_hub(asking, found.items)
        words = Reader(asking, Role.OFFICER).words("/en/inbox")
    assert (len(matches.items), matches.more) == (1, True)
    assert "You have more open offers and priorities than are compared: the 1 that" in words
    assert "The hub has more needs of these themes and places than are compared: the first 1 " in words


def test_a_question_with_too_many_themes_asks_for_all(node: Node, small_network: Published) -> None:
    small_network.publish("need", need("Readers"), org="xb-police", id="n1")
    others = frozenset(("theme_1373", f"9.{number}") for number in range(MAX_ASKED))
    many = Interest("offer", "o1", "", others | {("theme_1373", "2.10")}, frozenset(["KEN"]))
    with served(small_network) as hub:
        asking = replace(node, settings=replace(node.settings, hub=hub.address))
        assert [each.item["id"] for each in needs_at_hub(asking, [many]).items] == ["n1"]
