"""What a receipt means for a node: behind, another chain, held, or well."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from node.doctor.results import Result
from node.doctor.talk import judged
from node.lock import sole_server
from node.node import Node
from tests.node.nodes import NETWORK, ORG, HubEnd, joined_node
from wire.receipts import Receipt, open_receipt

END = HubEnd()


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    node = joined_node(tmp_path / "node", hub=END)
    yield node
    node.engine.dispose()


def receipt(sequence: int, digest: bytes, state: str = "live", reason: str = "") -> Receipt:
    return open_receipt(END.receipt(sequence, digest, state=state, reason=reason), END.key.public, NETWORK, ORG)


def test_a_hub_that_has_more_or_something_else_is_told_with_the_way_out(node: Node) -> None:
    behind = judged(node, receipt(7, bytes(32)))
    assert behind.result is Result.FAIL
    assert "restore-chain" in behind.what_to_do
    other = judged(node, receipt(1, bytes(32)))
    assert other.result is Result.FAIL
    assert "diverged" in other.what_to_do


def test_the_state_word_is_told_with_its_meaning_and_the_hubs_reason(node: Node) -> None:
    head = node.outbox.head()
    assert judged(node, receipt(*head)).result is Result.PASS
    refused = judged(node, receipt(*head, "refused", "Event 2 is too long."))
    assert (refused.result, refused.cause) == (
        Result.FAIL, "refused: It refuses what this node sends. Event 2 is too long.",
    )  # fmt: skip


def test_silent_is_a_fault_only_while_the_node_is_served(node: Node) -> None:
    said = receipt(*node.outbox.head(), "silent")
    assert judged(node, said).result is Result.PASS
    with sole_server(node.settings.directory):
        assert judged(node, said).result is Result.FAIL
