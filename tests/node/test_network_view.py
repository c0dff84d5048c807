"""Tests of network_view: what others say is asked of the hub, and a hub that is away never stops a page."""

from dataclasses import replace
from pathlib import Path

import pytest

from node.edit import Put
from node.network_view import ask_hub, possible_duplicates
from node.node import Node
from schemas.entry import parse_entry
from tests.hub.published import Published, small_network, sqlite_engine
from tests.hub.serving import served
from tests.node.nodes import joined_node
from tests.signed_network import need

__all__ = ["small_network", "sqlite_engine"]
ENTRY = parse_entry({"kind": "need", "id": "mine", "marking": "TLP:CLEAR", **need("Document readers at posts")})


@pytest.fixture
def node(tmp_path: Path) -> Node:
    return joined_node(tmp_path / "node")


def with_hub(node: Node, address: str) -> Node:
    return replace(node, settings=replace(node.settings, hub=address))


def test_what_others_said_alike_is_found_at_the_hub(node: Node, small_network: Published) -> None:
    small_network.publish("need", need("Document readers"), org="xb-police", id="n1")
    small_network.publish("need", need("Something else entirely"), org="xb-police", id="n2")
    with served(small_network) as hub:
        found = possible_duplicates(with_hub(node, hub.address), ENTRY)
    assert [each["id"] for each in found.others] == ["n1"]
    assert found.trouble == ""


def test_a_record_is_no_duplicate_of_itself(node: Node) -> None:
    node.editor.apply(
        [
            Put(ENTRY),
            Put(parse_entry({"kind": "need", "id": "n2", "marking": "TLP:CLEAR", **need("Document readers at posts")})),
        ]
    )
    assert [each["id"] for each in possible_duplicates(node, ENTRY).own] == ["n2"]


@pytest.mark.parametrize("address", ["http://127.0.0.1:1", "no address", "http://example.org"])
def test_a_hub_that_does_not_answer_is_told_and_stops_nothing(node: Node, address: str) -> None:
    assert ask_hub(with_hub(node, address), {}, seconds=0.2).trouble


def test_without_an_address_the_hub_is_not_asked(node: Node) -> None:
    assert ask_hub(node, {}).trouble == "not-asked"


def test_own_records_are_compared_however_many_came_after_them(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    others = [{"kind": "need", "id": f"n{n}", "marking": "TLP:CLEAR", **need(f"Vehicles {n}")} for n in range(20)]
    alike = [
        {**others[0], "id": f"like{n}", **need(f"Document readers at posts {more}")}
        for n, more in enumerate(("", "x", "x y"))
    ]
    node.editor.apply([Put(parse_entry(each)) for each in (*alike, *others)])
    read: list[str] = []
    records = node.grid.records
    monkeypatch.setattr(node.grid, "records", lambda kind, ids: read.extend(ids) or records(kind, ids))
    assert [each["id"] for each in possible_duplicates(node, ENTRY).own] == ["like0", "like1", "like2"]
    assert read == ["like0", "like1", "like2"]  # nothing else was read whole
