"""Tests of wire/audit/tree.py: its roots are those of RFC 6962, at every size that it ever had."""

import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.wire.audited_log import AuditedLog, honest_log
from wire.audit.tree import GrownTree
from wire.log_source import DirectoryLog, PartMissing
from wire.merkle import Frontier, leaf_hash

LEAVES = [hashlib.sha256(bytes([number % 256, number // 256])).digest() for number in range(1_500)]
ROOTS = [Frontier().root()]
_grown = Frontier()
for _leaf in LEAVES:
    _grown.append(_leaf)
    ROOTS.append(_grown.root())


def tree_of(size: int) -> GrownTree:
    tree = GrownTree(DirectoryLog(Path("nowhere")))
    for leaf in LEAVES[:size]:
        tree.append(leaf)
    return tree


@given(st.integers(0, 1_500), st.data())
def test_it_knows_the_root_at_every_earlier_size(size: int, data: st.DataObject) -> None:
    tree = tree_of(size)
    earlier = data.draw(st.integers(0, size))
    assert tree.root_at(earlier) == ROOTS[earlier]
    assert tree.root_at(size) == ROOTS[size]
    with pytest.raises(ValueError, match="no root"):
        tree.root_at(size + 1)


@given(st.integers(0, 1_500), st.integers(0, 300))
def test_what_is_kept_and_taken_up_again_grows_like_the_whole(size: int, more: int) -> None:
    again = GrownTree(DirectoryLog(Path("nowhere")))
    again.restore(tree_of(size).save())
    for leaf in LEAVES[size : size + more]:
        again.append(leaf)
    assert again.root_at(again.size) == ROOTS[min(1_500, size + more)]


def test_old_leaves_are_read_again_and_believed_only_if_they_are_the_same(tmp_path: Path) -> None:
    log: AuditedLog = honest_log(events=600)
    tree = GrownTree(DirectoryLog(log.write(tmp_path)))
    before = GrownTree(DirectoryLog(tmp_path))
    for entry in log.entries:
        before.append(leaf_hash(entry))
    tree.restore(before.save())
    assert tree.root_at(100) == log.root(100)
    (tmp_path / "tile/0/001").write_bytes((tmp_path / "tile/0/000").read_bytes())
    with pytest.raises(PartMissing, match="not what the entries give"):
        tree.root_at(300)
