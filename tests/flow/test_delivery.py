"""A whole network: events are delivered once a quorum of its nodes has witnessed them, and not before."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from deploy.demo.commands import node
from deploy.demo.network import node_status
from deploy.demo.service import ServiceFailed, wait_for
from hub.doctor import examine
from tests.network import DELIVERY_SECONDS, LiveNetwork, live_network
from tests.schemas.examples import EXAMPLES
from wire.examination import Result

ORGS = ("xaa-office", "xab-office")  # of two witnesses both make the quorum


def _need(record_id: str) -> dict[str, Any]:
    return {**EXAMPLES["need"], "id": record_id, "marking": "TLP:CLEAR"}


def _progress(network: LiveNetwork, org: str, record_id: str) -> str:
    listed = json.loads(node("list", str(network.node_dir(org)), "need", "--json"))
    return str(next(item for item in listed if item["id"] == record_id)["progress"])


def test_events_are_delivered_when_a_quorum_has_witnessed_them_and_wait_until_then(tmp_path: Path) -> None:
    first, second = ORGS
    with live_network(tmp_path, *ORGS) as network:
        network.put(first, _need("n1"))
        network.wait_outboxes_empty()
        status = node_status(network.node_dir(first))
        assert (status["sealed"], status["witnessed"], status["in_view"], status["delivered"]) == (2, 2, 2, 2)
        assert (status["alarms"], status["log"]["trouble"]) == ([], None)
        assert status["log"]["cosigned"]["size"] == status["log"]["read"] == len(network.log())
        assert _progress(network, first, "n1") == "delivered"
        found = {check.name: check for check in examine(network.hub_dir).checks}
        for name in ("files", "log", "registered", "served", "port", "bus", "streams", "intake", "witnesses"):
            assert found[name].result is Result.PASS, found[name]

        network.nodes[second].stop()
        network.put(first, _need("n2"))
        network.wait_delivered({first: 3})
        assert wait_for(lambda: node_status(network.node_dir(first))["logged"] == 3, DELIVERY_SECONDS)
        alone = len(network.log())
        assert wait_for(
            lambda: node_status(network.node_dir(first))["log"]["cosigned"]["size"] == alone, DELIVERY_SECONDS
        )
        assert node_status(network.node_dir(first))["witnessed"] == 2, "one of two is no quorum"
        assert _progress(network, first, "n2") == "logged"

        network.start()
        network.wait_outboxes_empty()
        assert _progress(network, first, "n2") == "delivered"
        assert node_status(network.node_dir(second))["alarms"] == []


def test_a_node_whose_database_was_restored_takes_its_chain_back_from_the_log(tmp_path: Path) -> None:
    org = ORGS[0]
    place, copy = tmp_path / "nodes" / org, tmp_path / "copy"
    with live_network(tmp_path, org) as network:
        network.put(org, _need("n1"))
        network.wait_outboxes_empty()
        network.nodes[org].stop()
        copy.mkdir()
        for path in place.glob("node.sqlite*"):
            shutil.copy(path, copy)
        network.start()
        network.put(org, _need("n2"), _need("n3"))
        network.wait_outboxes_empty()
        network.nodes[org].stop()

        for path in place.glob("node.sqlite*"):
            path.unlink()
        for path in copy.iterdir():
            shutil.copy(path, place)
        with pytest.raises(ServiceFailed, match="restore-chain"):
            network.put(org, _need("n4"))
        node("restore-chain", str(place))
        network.put(org, _need("n4"))
        network.start()
        assert network.wait_delivered({org: 5}) == {org: 5}
        network.wait_outboxes_empty()
        status = node_status(place)
        assert (status["alarm"], status["alarms"], status["delivered"]) == (None, [], 5)
        assert [item["id"] for item in network.view() if item["kind"] == "need"] == ["n1", "n2", "n3", "n4"]
