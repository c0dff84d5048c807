"""Tests of the steps of an import: what was changed meanwhile is not published, and nobody else's is touched."""

import io
from pathlib import Path

import pytest

from node.node import Node
from node.pages.desk import Desk, Role, Visitor
from node.pages.import_steps import batch_of, check, do, take_in
from node.refusal import Refusal
from node.workbooks import write_csv
from schemas.entry import to_entry
from tests.node.nodes import joined_node, put

AMINA = Visitor(1, "Amina Warsame", frozenset({Role.OFFICER}))
BAO = Visitor(2, "Bao", frozenset({Role.OFFICER, Role.REVIEWER}))


@pytest.fixture
def node(tmp_path: Path) -> Node:
    """A node of this test's own, with a record that was downloaded and comes back with another unit."""
    made = joined_node(tmp_path / "node")
    made.editor.apply([put("a")])
    return made


def edited_file(node: Node) -> io.BytesIO:
    stood = node.reading.record("contact", "a")
    assert stood is not None
    out = io.BytesIO()
    record = {**stood.kept.record, "unit": "Ports"}
    write_csv("contact", [to_entry("contact", "a", stood.kept.marking, record)], out)
    return io.BytesIO(out.getvalue())


def test_a_batch_that_was_changed_meanwhile_is_not_published(node: Node) -> None:
    desk = Desk(node)
    seen = batch_of(node, AMINA, take_in(desk, AMINA, "a.csv", edited_file(node)))
    assert (seen.state, seen.total) == ("checked", 1)
    check(desk, seen)
    with pytest.raises(Refusal) as refused:
        do(desk, AMINA, seen, {"do": "publish"})
    assert refused.value.reason == "changed-meanwhile"
    assert node.reading.chain().sequence == 2
    do(desk, AMINA, batch_of(node, AMINA, seen.number), {"do": "publish"})
    assert node.reading.chain().sequence == 3


def test_an_upload_is_its_owner_s_alone(node: Node) -> None:
    desk = Desk(node)
    number = take_in(desk, AMINA, "a.csv", edited_file(node))
    with pytest.raises(Refusal) as refused:
        batch_of(node, BAO, number)
    assert refused.value.reason == "not-found"
    with pytest.raises(Refusal) as refused:
        do(desk, BAO, batch_of(node, AMINA, number), {"do": "publish"})
    assert refused.value.reason == "not-allowed"
    assert [(each.who, each.act) for each in node.acts.listed(act="file")] == [("Amina Warsame", "file.uploaded")]
