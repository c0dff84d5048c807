"""What a node tells of a log; tests/flow/test_next_log.py has one that has something to tell."""

from pathlib import Path

import pytest

from node import testifying
from node.refusal import Refusal
from tests.node.nodes import make_node
from tests.signed_network import NOON


def test_a_node_that_has_not_joined_has_nothing_to_tell(tmp_path: Path) -> None:
    node = make_node(tmp_path / "node")
    with pytest.raises(Refusal, match="it knows of no log"):
        testifying.testify(node, NOON)
    node.engine.dispose()
