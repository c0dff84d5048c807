"""Keys in a real network: rotated beside a running node, lost, stolen and forked; nothing delivered is lost."""

import asyncio
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from deploy.demo.commands import hub, node
from deploy.demo.network import node_status
from deploy.demo.service import Service, ServiceFailed, free_port, wait_for
from node.node import Node, build
from tests.network import LiveNetwork, live_network
from tests.schemas.examples import EXAMPLES
from tests.wire.test_cli import run
from wire import subjects
from wire.bus import MESSAGE_ID, Bus, Outgoing
from wire.encoding import b64url

ORG = "xa-centre"
SECONDS = 120


@pytest.fixture
def network(tmp_path: Path) -> Iterator[LiveNetwork]:
    """A hub and one node, running; the node has published its own record."""
    with live_network(tmp_path, ORG) as found:
        found.wait_delivered()
        yield found


def need(id_: str, title: str = "Document readers") -> dict[str, Any]:
    return {**EXAMPLES["need"], "id": id_, "marking": "TLP:CLEAR", "title": {"en": title}}


def shown(network: LiveNetwork, **query: str) -> set[str]:
    return {item["id"] for item in network.reader().all_items("/api/v1/records", kind="need", **query)}


def keys(network: LiveNetwork) -> dict[str, Any]:
    return dict(json.loads(node("keys", "show", str(network.node_dir(ORG)), "--json")))


def test_a_key_is_rotated_beside_a_running_node_and_everything_goes_on(network: LiveNetwork) -> None:
    before = keys(network)
    network.put(ORG, need("n1"))
    node("keys", "rotate", str(network.node_dir(ORG)))
    network.put(ORG, need("n2"))
    network.wait_delivered()
    network.wait_outboxes_empty()
    after = keys(network)
    assert (after["signing"], after["before"], after["logged"]) == (before["next"], before["signing"], True)
    assert shown(network) == {"n1", "n2"}
    network.hub.stop()
    network.hub.start()
    network.hub.wait_ready()
    network.put(ORG, need("n3"))
    network.wait_delivered()
    assert shown(network) == {"n1", "n2", "n3"}, "the registry that is folded at start knows the rotation"


def test_a_stolen_key_is_revoked_replaced_and_what_is_true_is_said_again(network: LiveNetwork) -> None:
    directory, new = network.node_dir(ORG), network.directory / "new-admission.json"
    network.put(ORG, need("n1"))
    good = network.wait_delivered()[ORG]
    network.put(ORG, need("n2", "By a thief, or not"))
    network.wait_delivered()
    words = ["--last-good-sequence", str(good), "--reason", "Stolen."]
    hub("revoke", str(network.hub_dir), ORG, "current", *words)
    assert shown(network) == {"n1"}
    assert shown(network, status="disputed") == {"n2"}
    network.put(ORG, need("n3"))  # sealed with a key that nobody takes any more
    node("keys", "replace", str(directory))
    hub("replace-key", str(network.hub_dir), ORG, str(directory / "enrolment.json"), "-o", str(new))
    node("join", str(directory), str(new))
    node("confirm", str(directory), "need", "n2")
    network.wait_delivered()
    network.wait_outboxes_empty()
    assert shown(network) == {"n1", "n2", "n3"}
    assert shown(network, status="disputed") == set()


def test_the_hub_goes_over_to_new_keys_beside_running_nodes_and_everything_goes_on(network: LiveNetwork) -> None:
    directory = str(network.hub_dir)
    before = json.loads(hub("keys", "show", directory, "--json"))
    network.put(ORG, need("n1"))
    network.wait_delivered()
    hub("keys", "replace", directory)
    hub(
        "replace-key", directory, "hub", str(network.hub_dir / "enrolment.json"), "--reason", "Its machine was entered."
    )
    after = json.loads(hub("keys", "show", directory, "--json"))
    assert (after["signing"] != before["signing"], after["prepared"]) == (True, None)
    network.put(ORG, need("n2"))
    network.wait_delivered()  # by receipts, which only the new key signs by now
    network.hub.stop()
    network.hub.start()  # with its new key for the bus, too
    network.hub.wait_ready()
    network.put(ORG, need("n3"))
    network.wait_delivered()
    network.wait_outboxes_empty()
    assert shown(network) == {"n1", "n2", "n3"}
    hub("revoke", "--last-good-sequence", "0", "--reason", "Stolen.", "--", directory, "hub", before["signing"])
    network.nodes[ORG].stop()
    network.nodes[ORG].start()
    network.nodes[ORG].wait_ready()
    network.put(ORG, need("n4"))
    network.wait_delivered()
    audited = run("audit", network.hub.url, "--trust", str(network.hub_dir / "trust.json"), "--json")
    assert (audited.returncode, json.loads(audited.stdout)["findings"]) == (0, [])


def test_a_second_copy_forks_the_chain_and_the_copy_that_was_logged_ends_it_by_rotating(network: LiveNetwork) -> None:
    service, directory = network.nodes[ORG], network.node_dir(ORG)
    service.stop()
    copy = network.directory / "copy"
    shutil.copytree(directory, copy)
    node("put", str(copy), _file(network, need("n9", "Sealed by the copy")))
    network.put(ORG, need("n1"))
    service.start()
    service.wait_ready()
    network.wait_delivered()
    asyncio.run(_send(build(copy)))
    assert wait_for(lambda: network.reader().get(f"/api/v1/nodes/{ORG}")["state"] == "forked", SECONDS)
    port = free_port()
    words = ["liaison-node", "serve", "--port", str(port), str(copy)]
    second = Service("copy", words, copy, port, network.directory / "logs" / "copy.log")
    second.start()
    try:
        second.wait_ready()
        diverged = wait_for(lambda: node_status(copy)["alarm"] is not None, SECONDS)
    except ServiceFailed:
        diverged = True  # status ends with 1 where there is an alarm
    finally:
        second.kill()
    assert diverged
    with pytest.raises(ServiceFailed, match="Stop every copy"):
        node("keys", "rotate", str(copy))
    assert shown(network) == {"n1"}
    network.put(ORG, need("n2"))
    node("keys", "rotate", str(directory))
    network.put(ORG, need("n3"))
    network.wait_delivered()
    network.wait_outboxes_empty()
    assert shown(network) == {"n1", "n2", "n3"}


async def _send(copy: Node) -> None:
    """Put the copy's last event on the bus, as a copy does that does not ask first."""
    admission = copy.admission()
    assert admission is not None
    bus = await Bus.connect(admission.bus_url, name="copy", seed=copy.keyring.bus_seed)
    assert await bus.wait_connected(SECONDS)
    event = copy.outbox.after(1, 1, 10**6)[0]
    headers = {subjects.TOKEN_HEADER: event.token.decode(), MESSAGE_ID: b64url(event.hash)}
    await bus.publish_batch([Outgoing(subjects.events(ORG, event.kind), event.body or b"", headers)])
    await bus.close()


def _file(network: LiveNetwork, entry: dict[str, Any]) -> str:
    path = network.directory / "copy.json"
    path.write_text(json.dumps(entry), encoding="utf-8")
    return str(path)
