"""Services with a real bus whose hub loses database, bus and backup: one command later the network goes on."""

import shutil
from pathlib import Path
from typing import Any

import orjson

from deploy.demo.network import hub, node, node_status
from deploy.demo.service import wait_for
from tests.network import live_network
from tests.schemas.examples import EXAMPLES
from tests.wire.test_cli import run

A, B = ORGS = ("xaa-office", "xab-office")


def _entry(record_id: str, **changes: Any) -> dict[str, Any]:
    return {**EXAMPLES["need"], "id": record_id, "marking": "TLP:CLEAR", **changes}


def test_a_hub_that_has_lost_everything_but_its_keys_begins_the_next_log(tmp_path: Path) -> None:
    with live_network(tmp_path / "network", *ORGS) as network:
        trust, directory = network.hub_dir / "trust.json", network.hub_dir
        network.put(A, _entry("n1"))
        network.put(B, _entry("n1", marking="TLP:GREEN"))
        network.wait_outboxes_empty()
        before = network.view()
        network.hub.kill()
        network.hub.kill_workers()
        network.kill_bus()
        for left in directory.glob("hub.sqlite*"):
            left.unlink()
        shutil.rmtree(directory / "jetstream")
        network.put(A, _entry("n2"))  # while there is no hub
        files = [tmp_path / f"{org}.json" for org in ORGS]
        for org, file in zip(ORGS, files, strict=True):
            node("testify", str(network.node_dir(org)), "-o", str(file))
        hub("replace-log", str(directory), *map(str, files), "--reason", "The disk failed.")
        network._readers = None
        network.start()
        network.wait_outboxes_empty()
        after = [each for each in network.view() if each["id"] != "n2"]
        assert after == before
        assert wait_for(lambda: all(not node_status(network.node_dir(org))["alarms"] for org in ORGS), 5)
        audited = run("audit", network.hub.url, "--trust", str(trust), "--json")
        assert audited.returncode == 0, audited.stdout
        document = orjson.loads(audited.stdout)
        assert (len(document["checkpoint"]["cosigners"]), document["checkpoint"]["quorum"]) == (2, 2)
        network.put(B, _entry("n3"))
        network.wait_outboxes_empty()
