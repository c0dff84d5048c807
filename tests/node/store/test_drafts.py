"""Tests of drafts: nothing typed is lost, and nobody overwrites another's change."""

import pytest

from node.node import Node
from node.store.drafts import MAX_BYTES, MAX_DRAFTS, Changed, Drafts, TooMany
from tests.node.nodes import joined_node

NOW, LATER = "2026-11-26T10:00:00.000Z", "2026-11-26T11:00:00.000Z"
AMINA, BIRGIT = (1, "Amina"), (2, "Birgit")


@pytest.fixture
def drafts(tmp_path_factory: pytest.TempPathFactory) -> Drafts:
    node: Node = joined_node(tmp_path_factory.mktemp("node") / "node")
    return node.drafts


def test_what_was_typed_is_kept_though_it_is_no_valid_record(drafts: Drafts) -> None:
    begun = drafts.begin("need", None, AMINA, {"record": {}}, NOW)
    saved = drafts.save(begun, {"marking": "", "record": {"needed_by": "next week"}}, LATER)
    assert drafts.one(begun.number) == saved
    assert saved.entry["record"] == {"needed_by": "next week"}
    assert [each.number for each in drafts.of(1)] == [begun.number]
    assert drafts.of(2) == []


def test_of_two_windows_the_second_is_told_and_nothing_is_overwritten(drafts: Drafts) -> None:
    begun = drafts.begin("need", None, AMINA, {"record": {}}, NOW)
    drafts.save(begun, {"record": {"title": {"en": "First"}}}, NOW)
    with pytest.raises(Changed):
        drafts.save(begun, {"record": {"title": {"en": "Second"}}}, LATER)
    with pytest.raises(Changed):
        drafts.end(begun)
    kept = drafts.one(begun.number)
    assert kept is not None
    assert kept.entry["record"]["title"] == {"en": "First"}


def test_revising_a_record_twice_opens_the_same_draft(drafts: Drafts) -> None:
    first = drafts.begin("need", "n1", AMINA, {"record": {}}, NOW)
    assert drafts.begin("need", "n1", AMINA, {"record": {"title": {}}}, LATER) == first
    assert drafts.begin("need", "n1", BIRGIT, {"record": {}}, LATER).number != first.number


def test_what_waits_for_review_is_seen_by_others_and_comes_back_with_a_note(drafts: Drafts) -> None:
    begun = drafts.submit(drafts.begin("need", None, AMINA, {"record": {}}, NOW), NOW)
    assert drafts.to_review(besides=1) == []
    assert [each.number for each in drafts.to_review(besides=2)] == [begun.number]
    back = drafts.give_back(begun, "Say by when.", LATER)
    assert (back.state, back.note) == ("draft", "Say by when.")
    assert drafts.to_review(besides=2) == []


def test_drafts_are_bounded_in_number_and_size(drafts: Drafts) -> None:
    begun = drafts.begin("need", None, AMINA, {"record": {}}, NOW)
    with pytest.raises(TooMany):
        drafts.save(begun, {"record": {"title": {"en": "x" * MAX_BYTES}}}, NOW)
    for _ in range(MAX_DRAFTS - 1):
        drafts.begin("need", None, AMINA, {"record": {}}, NOW)
    with pytest.raises(TooMany):
        drafts.begin("need", None, AMINA, {"record": {}}, NOW)
