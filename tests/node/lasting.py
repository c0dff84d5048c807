"""A node for all tests of a file: what one of them changes, the others find."""

from collections.abc import Iterator

import pytest

from node.node import Node
from tests.node.nodes import joined_node


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """A node that has joined."""
    made = joined_node(tmp_path_factory.mktemp("node") / "node")
    yield made
    made.engine.dispose()
