"""What nodes say of themselves is kept, whatever it is."""

import pytest
from sqlalchemy import select

from hub import tables
from hub.heads import note_heads
from tests.hub.published import Published


@pytest.mark.parametrize("software", ["\x00", "x" * 1000, "é\x00" * 300])
def test_a_head_with_hostile_text_does_not_stop_the_hub(network: Published, software: str) -> None:
    network.admit("ke-nctc")
    head = {"organization": "ke-nctc", "head_sequence": 1, "head_at": "2026-11-23T12:00:00.000Z", "clock_skew": None}
    note_heads(network.engine, [{**head, "software": software}])
    with network.engine.begin() as connection:
        kept = connection.scalar(
            select(tables.organizations.c.software).where(tables.organizations.c.organization == "ke-nctc")
        )
    assert kept
    assert len(kept) <= 200
