"""Tests of letters as pages ask for them: the newest first, one, its versions, and the needs that stand."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from node.node import Node
from node.store.letters import Address
from tests.node.nodes import make_node
from tests.node.test_cli_readers import letter


@pytest.fixture(params=["sqlite", "postgresql"])
def node(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Node]:
    url = request.getfixturevalue("node_postgres_url") if request.param == "postgresql" else ""
    node = make_node(tmp_path / "node", url)
    for index in (5, 7):
        node.letters.keep(letter(index, id="n1"))
    node.letters.keep(letter(9, kind="contact"))
    node.letters.keep(letter(11, action="withdrawn"))
    node.letters.keep(letter(13, reason="schema-invalid"))
    yield node
    node.engine.dispose()


def test_the_newest_come_first_and_older_versions_if_they_are_asked_for(node: Node) -> None:
    assert [each.index for each in node.letters.newest()] == [13, 11, 9, 7]
    assert [each.index for each in node.letters.newest(older=True)] == [13, 11, 9, 7, 5]
    assert [each.index for each in node.letters.newest(before=11, limit=1)] == [9]


def test_a_letter_is_found_by_its_index_and_its_versions_by_its_record(node: Node) -> None:
    found = node.letters.one(5)
    assert found is not None
    assert (found.id, found.superseded) == ("n1", 7)
    assert node.letters.one(6) is None
    assert [each.index for each in node.letters.versions(Address("ke-nctc", "need", "n1"))] == [7, 5]


def test_only_needs_that_stand_are_needs(node: Node) -> None:
    assert [each.index for each in node.letters.needs()] == [7]
