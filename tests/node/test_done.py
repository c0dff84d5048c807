"""Tests of done: what belongs to a change is written with it or not at all."""

from pathlib import Path

import pytest

from node.done import Done
from node.refusal import Refusal
from node.store import Writing
from tests.node.nodes import joined_node, put


class _Refusing:
    def before(self, _writing: Writing) -> list[Done] | None:
        return None

    def after(self, _writing: Writing, _done: list[Done]) -> None:
        raise Refusal("too-many-keys", "no more")


class _Knowing(_Refusing):
    def before(self, _writing: Writing) -> list[Done] | None:
        return [Done("contact", "x", "published", 7)]


def test_a_change_is_undone_where_what_belongs_to_it_cannot_be_written(tmp_path: Path) -> None:
    node = joined_node(tmp_path / "node")
    with pytest.raises(Refusal):
        node.editor.apply([put("a")], beside=_Refusing())
    assert node.reading.record("contact", "a") is None
    assert node.reading.chain().sequence == 1


def test_nothing_is_changed_where_it_was_done_before(tmp_path: Path) -> None:
    node = joined_node(tmp_path / "node")
    assert node.editor.apply([put("a")], beside=_Knowing())[0].sequence == 7
    assert node.reading.record("contact", "a") is None
