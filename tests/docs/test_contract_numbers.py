"""The numbers that the contract names are the code's: whoever changes one changes what other software relies on."""

from typing import Any

import pytest

from hub.filters import DEFAULT_LIMIT, MAX_LIMIT
from hub.witnessing import INTERVAL_SECONDS
from node.publish import HEAD_SECONDS
from schemas.body import MAX_BYTES, MAX_DEPTH
from wire.bus_message import MAX_PAYLOAD
from wire.examine import MAX_STATEMENT
from wire.verdict import MAX_EARLY
from wire.view_digest import BUCKETS


@pytest.mark.parametrize(
    ("what", "ours", "contract"),
    [
        ("body, bytes", MAX_BYTES, 256 * 1024),
        ("statement, bytes", MAX_STATEMENT, 4 * 1024),
        ("depth", MAX_DEPTH, 16),
        ("early events held of an organization", MAX_EARLY, 1_000),
        ("message on the bus, bytes", MAX_PAYLOAD, 1024 * 1024),
        ("buckets of the view digest", BUCKETS, 4_096),
        ("items of a list without limit", DEFAULT_LIMIT, 100),
        ("items of a list at most", MAX_LIMIT, 500),
        ("seconds between heads", HEAD_SECONDS, 30),
        ("seconds between checkpoints", INTERVAL_SECONDS, 1),
    ],
)
def test_a_number_is_the_contract_s(what: str, ours: Any, contract: int) -> None:
    assert ours == contract, what
