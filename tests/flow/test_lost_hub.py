"""Services with a real bus whose hub loses database, bus and backup: one command later the network goes on."""

import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from deploy.demo.network import hub
from deploy.demo.service import wait_for
from node.node import build
from node.testifying import testify
from tests.network import DELIVERY_SECONDS, live_network
from tests.schemas.examples import EXAMPLES
from tests.wire.audit.audits import audited, found
from wire.log_source import HubLog
from wire.trust import read_trust

A, B = ORGS = ("xaa-office", "xab-office")
testify.__test__ = False  # type: ignore[attr-defined]  # its name is no test's


def _entry(record_id: str, **changes: Any) -> dict[str, Any]:
    return {**EXAMPLES["need"], "id": record_id, "marking": "TLP:CLEAR", **changes}


def test_a_hub_that_has_lost_everything_but_its_keys_begins_the_next_log(tmp_path: Path) -> None:
    with live_network(tmp_path / "network", *ORGS) as network:
        directory = network.hub_dir
        network.put(A, _entry("n1"))
        network.put(B, _entry("n1", marking="TLP:GREEN"))
        assert wait_for(lambda: len(network.view()) == 4, DELIVERY_SECONDS)
        nodes = [build(network.node_dir(org)) for org in ORGS]
        assert wait_for(lambda: all(each.outbox.waiting() == (0, None) for each in nodes), DELIVERY_SECONDS)
        before = network.view()
        network.hub.kill()
        network.hub.kill_workers()
        network.kill_bus()
        for left in directory.glob("hub.sqlite*"):
            left.unlink()
        shutil.rmtree(directory / "jetstream")
        network.put(A, _entry("n2"))  # while there is no hub
        files = [tmp_path / f"{org}.json" for org in ORGS]
        for each, file in zip(nodes, files, strict=True):
            file.write_bytes(testify(each, datetime.now(UTC)).to_bytes())
        hub("replace-log", str(directory), *map(str, files), "--reason", "The disk failed.")
        network._readers = None
        network.start()
        assert wait_for(lambda: all(each.outbox.waiting() == (0, None) for each in nodes), DELIVERY_SECONDS)
        assert wait_for(lambda: len(network.view()) == 5, DELIVERY_SECONDS)
        assert [each for each in network.view() if each["id"] != "n2"] == before
        assert [each.log.alarms() for each in nodes] == [[], []]
        report = audited(HubLog(network.hub.url), tmp_path, trust=read_trust(directory / "trust.json"))
        assert found(report) == {}
        assert (len(report.cosigners), report.quorum) == (2, 2)
