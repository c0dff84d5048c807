"""Hub and node on PostgreSQL: the same commands, the same view, also after a crash and a rebuild."""

from functools import partial
from pathlib import Path
from typing import Any

import httpx2

from deploy.demo.commands import hub, node
from deploy.demo.service import wait_for
from tests.network import LiveNetwork, live_network
from tests.postgres import create_database, empty_database, own_server
from tests.schemas.examples import EXAMPLES
from wire.absence import AWAY
from wire.client import HubClient
from wire.compare import read_state
from wire.encoding import b64url

ORG = "xaa-office"


def test_hub_and_node_outlast_an_absence_of_postgresql_and_lose_nothing(tmp_path: Path) -> None:
    with (
        own_server() as server,
        live_network(
            tmp_path, ORG, hub_database=create_database(server.get_uri()),
            node_database={ORG: create_database(server.get_uri())},
        ) as network,
    ):  # fmt: skip
        network.put(ORG, *(_need(number) for number in range(5)))
        network.wait_delivered()
        pids = [service.pid for service in network.services]
        server.stop()
        for service in network.services:
            assert wait_for(partial(_says_away, service.url), 120), service.log_tail()
        server.ensure_postgres_running()
        for service in network.services:
            service.wait_ready(120)
        network.put(ORG, *(_need(number) for number in range(5, 10)))
        assert network.wait_delivered() == {ORG: 1 + 10}
        network.wait_outboxes_empty()
        assert len(network.view()) == 1 + 10
        assert [service.pid for service in network.services] == pids
        for service in network.services:
            assert service.log.read_text().count("database.away") == 1, service.log_tail()


def _says_away(url: str) -> bool:
    try:
        found = httpx2.get(f"{url}/readyz", trust_env=False, timeout=5)
    except httpx2.HTTPError:
        return False
    return found.status_code == 503 and found.json().get("detail") == AWAY


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
