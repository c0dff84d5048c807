"""Watching a running network: metrics by machine, an alarm by a person, who settles it beside the running node."""

import re
from pathlib import Path

import httpx2
import pytest

from deploy.demo.commands import node
from deploy.demo.network import node_status
from deploy.demo.service import NO_CERTIFICATES, ServiceFailed, wait_for
from node.alarms import Finding, Name
from node.node import build
from tests.network import live_network
from tests.schemas.examples import EXAMPLES

ORG = "xaa-office"
SECONDS = 120


def metric(url: str, name: str) -> float | None:
    """One figure that a service tells to programs on its machine."""
    text = httpx2.get(f"{url}/metrics", trust_env=False, timeout=30, verify=NO_CERTIFICATES).text
    found = re.search(rf"^{re.escape(name)} (\S+)$", text, re.MULTILINE)
    return float(found[1]) if found else None


def test_metrics_follow_an_alarm_until_a_person_has_settled_it(tmp_path: Path) -> None:
    with live_network(tmp_path, ORG) as network:
        place, own, hub = network.node_dir(ORG), network.nodes[ORG].url, network.hub.url
        network.wait_outboxes_empty()
        assert wait_for(
            lambda: metric(own, "liaison_node_cosigned_entries") == metric(hub, "liaison_hub_log_entries"), SECONDS
        )
        assert (metric(own, "liaison_node_bus_up"), metric(own, "liaison_node_outbox_events")) == (1.0, 0.0)
        assert metric(hub, "liaison_hub_checkpoint_entries") == len(network.log())
        # A head that came before the hub listened is said again after half a minute.
        assert wait_for(lambda: metric(hub, 'liaison_hub_nodes{state="live"}') == 1.0, SECONDS)

        beside = build(place)
        beside.log.sound(Finding(Name.STRANGER, "a statement that is not known", 3, {}), "2026-11-24T12:00:00.000Z")
        beside.engine.dispose()
        assert metric(own, 'liaison_node_alarm{alarm="stranger"}') == 1.0
        with pytest.raises(ServiceFailed):
            node("status", str(place))
        network.put(ORG, {**EXAMPLES["need"], "id": "n1", "marking": "TLP:CLEAR"})
        assert wait_for(lambda: metric(own, "liaison_node_log_read_entries") == len(network.log()) == 4, SECONDS)
        assert metric(own, "liaison_node_cosigned_entries") == 3.0

        node("alarms", "settle", str(place), "stranger", "--reason", "It was a copy of this node.")
        network.wait_outboxes_empty()
        assert metric(own, 'liaison_node_alarm{alarm="stranger"}') == 0.0
        assert node_status(place)["delivered"] == 2


def test_what_a_proxy_passes_on_is_not_answered(tmp_path: Path) -> None:
    with live_network(tmp_path, ORG) as network:
        for url in (network.nodes[ORG].url, network.hub.url):
            answer = httpx2.get(f"{url}/metrics", headers={"X-Forwarded-For": "192.0.2.7"}, trust_env=False, timeout=30)
            assert answer.status_code == 404
