"""Tests of the page of one node: what the hub sees, its states over time, and what the node itself was told."""

from datetime import UTC, datetime, timedelta
from functools import partial

from hub.node_states import seen_by
from hub.operating.watching import watch
from hub.receipting import Receipts
from tests.hub.operating.operators import Office, head, parsed, refuse
from tests.hub.published import Published
from tests.signed_network import HUB_KEY, NETWORK, need
from wire.receipts import open_receipt

NOW = datetime.now(UTC)


def test_the_page_shows_states_over_time_refusals_by_cause_and_the_key(small_network: Published) -> None:
    small_network.publish("need", need())
    registry = small_network.writer.state.registry
    watch(small_network.engine, registry, NOW - timedelta(seconds=60))
    head(small_network, 3, NOW)
    watch(small_network.engine, registry, NOW)
    refuse(small_network, 2)
    page = parsed(Office(small_network).client().get("/en/sync/xa-centre"))
    shown = " ".join(page.text_content().split())
    rows = page.xpath("//table[caption[contains(., 'Changes of state')]]/tbody/tr")
    assert [row.xpath("./td[2]")[0].text_content().split()[-1] for row in rows] == ["live", "silent"]
    assert "unknown-key: 2 messages" in shown
    assert "announces 3 events" in shown
    assert registry.members["xa-centre"].keys[-1].key.thumbprint in shown
    assert "the next key is committed" in shown
    assert len(page.xpath("//h1")) == 1


def test_a_node_is_told_in_its_receipts_what_its_page_says(small_network: Published) -> None:
    """State and reason of the receipt are those of the page, and the page shows what was told."""
    small_network.publish("need", need())
    head(small_network, 1, NOW + timedelta(hours=1))
    engine, registry = small_network.engine, small_network.writer.state.registry
    receipts = Receipts(
        NETWORK, lambda: HUB_KEY, engine, None, {}, partial(seen_by, engine, registry), small_network.writer.clock  # type: ignore[arg-type]
    )  # fmt: skip
    office = Office(small_network)
    operating = office.operating()
    operating.told = receipts.told.get
    office.operating = lambda: operating  # type: ignore[method-assign]
    client = office.client()
    client.post("/sync/xa-centre/maintenance", data={"form": "0123456789", "reason": "New disks.", "hours": "4"})
    receipt = open_receipt(receipts.receipt("xa-centre", []), HUB_KEY.public, NETWORK, "xa-centre")
    node = client.get("/api/v1/nodes/xa-centre").json()
    assert (receipt.state, receipt.reason) == (node["state"], node["reason"])
    assert receipt.state == "maintenance"
    assert "Next is awaited: 1." in " ".join(parsed(client.get("/en/sync/xa-centre")).text_content().split())
