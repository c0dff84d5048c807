"""Tests of what may be like a title, on both databases: found by the rarest words, however many records there are."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from node.edit import Withdraw
from node.node import Node
from node.store.alike import likely_alike
from tests.node.nodes import joined_node, put


@pytest.fixture(params=["sqlite", "postgres"])
def node(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Node]:
    database = "" if request.param == "sqlite" else str(request.getfixturevalue("node_postgres_url"))
    made = joined_node(tmp_path / "node", database)
    names = {
        "a": "Harbour office of Zephyr", "b": "Harbour office", "c": "Airport office",
        "d": "مكتب الوثائق", "e": "边境哨所",
    }  # fmt: skip
    made.editor.apply([put(record_id, name={"en": name}) for record_id, name in names.items()])
    yield made
    made.engine.dispose()


def likely(node: Node, title: str, kind: str = "contact") -> set[str]:
    return {each.id for each in likely_alike(node.engine, kind, title, 0.5)}


def test_what_shares_enough_words_is_among_the_candidates(node: Node) -> None:
    assert likely(node, "Zephyr, harbour") == {"a", "b"}
    assert likely(node, "OFFICE of the zephyr") >= {"a"}
    assert (likely(node, "الوثائق"), likely(node, "边境")) == ({"d"}, {"e"})
    assert likely(node, "Zephyr harbour", "need") == set()
    assert likely(node, "'; DROP -- \" OR") == set()
    assert likely(node, "") == set()
    node.editor.apply([Withdraw("contact", "a", "Closed.")])
    assert likely(node, "Zephyr, harbour") == {"b"}


def test_what_has_only_common_words_must_have_all_of_them(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("node.store.alike.MAX_COMMON", 1)
    assert likely(node, "harbour office") == {"a", "b"}
    assert likely(node, "zephyr harbour office") == {"a", "b"}
    assert likely(node, "airport harbour office") == {"a", "b", "c"}
    monkeypatch.setattr("node.store.alike.MAX_LIKELY", 1)
    assert likely(node, "harbour office") == {"b"}  # the last that came
