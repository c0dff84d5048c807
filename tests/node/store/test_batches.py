"""Tests of batches and mappings: nobody overwrites another's step, and there are not more than may be."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from node.node import Node
from node.store import batches as store
from node.store.batches import IMPORT, MAPPING, PUBLISHING, REVIEW, Remembered
from node.store.drafts import Changed, TooMany
from tests.node.nodes import make_node

TIMES = ("2026-11-26T10:00:00.000Z", "2026-11-27T10:00:00.000Z")


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    made = make_node(tmp_path / "node")
    yield made
    made.engine.dispose()


def begun(node: Node, owner: int = 1) -> int:
    return node.batches.begin(IMPORT, (owner, "Amina"), MAPPING, {"name": "x"}, TIMES)


def test_a_step_is_made_once(node: Node) -> None:
    batch = node.batches.one(begun(node))
    assert batch is not None
    after = node.batches.change(batch, state=REVIEW, outcome={"a": 1}, work={"b": 2})
    assert (after.state, after.outcome, after.work) == (REVIEW, {"a": 1}, {"b": 2})
    with pytest.raises(Changed):
        node.batches.change(batch, state=PUBLISHING)


def test_others_review_and_what_is_over_is_told_unless_it_is_under_way(node: Node) -> None:
    first, second = begun(node), begun(node)
    for number, state in ((first, REVIEW), (second, PUBLISHING)):
        batch = node.batches.one(number)
        assert batch is not None
        node.batches.change(batch, state=state)
    node.batches.note_progress(second, 5, 9)
    assert [each.number for each in node.batches.to_review(2)] == [first]
    assert node.batches.to_review(1) == []
    assert [(each.number, each.done, each.total) for each in node.batches.of(1)] == [(second, 5, 9), (first, 0, 0)]
    assert (node.batches.expired(TIMES[1]), node.batches.expired("2027")) == ([], [first])
    node.batches.end(first)
    assert node.batches.one(first) is None


def test_there_are_not_more_than_may_be(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "MAX_BATCHES", 1)
    monkeypatch.setattr(store, "MAX_MAPPINGS", 1)
    begun(node)
    begun(node, owner=2)
    with pytest.raises(TooMany):
        begun(node)
    known = Remembered("a", "x = 1", ["A"], TIMES[0], "Amina")
    node.batches.remember(known)
    node.batches.remember(known._replace(toml="x = 2"))
    with pytest.raises(TooMany):
        node.batches.remember(known._replace(name="b"))
    assert [each.toml for each in node.batches.remembered()] == ["x = 2"]
    node.batches.forget("a")
    assert node.batches.remembered() == []
