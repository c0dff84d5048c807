"""Tests of drafts as pages and API handle them: published once, whoever presses at the same time."""

import pytest

from node.node import Node
from node.pages import drafting
from node.pages.desk import Desk, Role, Visitor
from node.refusal import Refusal
from tests.schemas.examples import EXAMPLES

AMINA = Visitor(1, "Amina Warsame", frozenset({Role.OFFICER}))
NEED = {name: value for name, value in EXAMPLES["need"].items() if name not in ("kind", "id", "marking")}


def test_of_two_who_publish_the_same_draft_one_is_told_and_nothing_is_published_twice(node: Node) -> None:
    desk = Desk(node)
    draft = drafting.begin(desk, AMINA, "need", None, {"marking": "TLP:CLEAR", "record": NEED})
    entry = drafting.entry_of(draft)
    drafting.publish(desk, AMINA, draft, entry)
    with pytest.raises(Refusal) as refused:
        drafting.publish(desk, AMINA, draft, entry)
    assert refused.value.reason == "draft-changed"
    assert len(node.reading.page(("need",)).items) == 1
    assert [each.outcome for each in node.acts.listed(act="record.put")] == ["refused", "done"]


def test_what_is_refused_leaves_the_draft(node: Node) -> None:
    desk = Desk(node)
    node.outbox.sound_alarm("diverged", "two copies have signed")
    draft = drafting.begin(desk, AMINA, "need", None, {"marking": "TLP:CLEAR", "record": NEED})
    with pytest.raises(Refusal):
        drafting.publish(desk, AMINA, draft, drafting.entry_of(draft))
    assert node.drafts.one(draft.number) == draft


def test_one_s_own_draft_is_not_given_back(node: Node) -> None:
    desk = Desk(node)
    draft = drafting.submit(desk, AMINA, drafting.begin(desk, AMINA, "need", None))
    with pytest.raises(Refusal, match="another person"):
        drafting.give_back(desk, AMINA, draft, "x")
