"""Hub and node on PostgreSQL: the same commands, the same view, also after a crash and a rebuild."""

from pathlib import Path
from typing import Any

from deploy.demo.commands import hub, node
from tests.network import LiveNetwork, live_network
from tests.postgres import empty_database
from tests.schemas.examples import EXAMPLES
from wire.client import HubClient
from wire.compare import read_state
from wire.encoding import b64url

ORG = "xaa-office"


def _need(number: int) -> dict[str, Any]:
    return {**EXAMPLES["need"], "id": f"r{number}", "marking": "TLP:CLEAR"}


def _view_state(network: LiveNetwork) -> tuple[str, int]:
    """State and number of records, as anybody gets them."""
    with HubClient(network.hub.url) as client:
        found = read_state(client)
    return b64url(found.state), found.rows


def test_a_hub_and_a_node_on_postgresql_keep_and_show_everything(tmp_path: Path, postgres_server: str) -> None:
    with (
        empty_database(postgres_server) as hub_url,
        empty_database(postgres_server) as node_url,
        live_network(tmp_path, ORG, hub_database=hub_url, node_database={ORG: node_url}) as network,
    ):
        network.put(ORG, *(_need(number) for number in range(20)))
        node("withdraw", str(network.node_dir(ORG)), "need", "r3", "--reason", "It is met.")
        network.wait_delivered()
        network.wait_outboxes_empty()
        assert [item["id"] for item in network.view() if item["status"] == "withdrawn"] == ["r3"]

        assert network.hub.kill() == 9
        assert network.nodes[ORG].kill() == 9
        network.put(ORG, *(_need(number) for number in range(18, 30)))
        network.start()
        sealed = network.wait_delivered()
        assert sealed == {ORG: 1 + 20 + 1 + 10}, "the two records that were there already are not published twice"
        view = network.view()
        assert len(view) == 1 + 30
        assert len(network.chains()[ORG]) == sealed[ORG]

        state = _view_state(network)
        network.stop()
        hub("rebuild", str(network.hub_dir))
        network.start()
        assert network.view() == view
        assert _view_state(network) == state
