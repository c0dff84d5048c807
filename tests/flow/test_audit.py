"""A whole network is audited from outside: its hub over HTTP, a mirror of it, and one event's evidence offline."""

from pathlib import Path
from typing import Any

import orjson

from deploy.demo.commands import node
from tests.network import live_network
from tests.schemas.examples import EXAMPLES
from tests.wire.test_cli import run

ORGS = ("xaa-office", "xab-office")


def _entry(record_id: str, **changes: Any) -> dict[str, Any]:
    return {**EXAMPLES["need"], "id": record_id, "marking": "TLP:CLEAR", **changes}


def _audited(*arguments: str) -> dict[str, Any]:
    ended = run("audit", *arguments, "--json")
    document: dict[str, Any] = orjson.loads(ended.stdout)
    assert ended.returncode == 0, document["findings"]
    return document


def test_a_live_network_is_proved_from_trust_json_alone(tmp_path: Path) -> None:
    first, second = ORGS
    trust = str(tmp_path / "auditor" / "trust.json")
    mirror, state, evidence = (str(tmp_path / "auditor" / name) for name in ("mirror", "state.json", "evidence.json"))
    with live_network(tmp_path / "network", *ORGS) as network:
        Path(trust).parent.mkdir()
        Path(trust).write_bytes((network.hub_dir / "trust.json").read_bytes())
        network.put(first, _entry("n1"))
        network.put(second, _entry("n1", marking="TLP:GREEN"))
        network.wait_outboxes_empty()
        assert run("mirror", network.hub.url, mirror, "--trust", trust).returncode == 0
        before = _audited(mirror, "--trust", trust, "--state", state)
        node("withdraw", str(network.node_dir(first)), "need", "n1", "--reason", "It ended.")
        network.wait_outboxes_empty()
        live = _audited(network.hub.url, "--trust", trust, "--view")
        assert run("mirror", network.hub.url, mirror).returncode == 0
        grown = _audited(mirror, "--trust", trust, "--state", state)
        got = run("evidence", network.hub.url, first, "2", "-o", evidence)
        assert got.returncode == 0, got.stderr
    for document in (before, live, grown):
        results = {check["check"]: check["result"] for check in document["checks"]}
        must = {"checkpoint", "tree", "statements", "chains", "history"}
        assert {name: results[name] for name in must} == dict.fromkeys(must, "pass")
        assert (len(document["checkpoint"]["cosigners"]), document["checkpoint"]["quorum"]) == (2, 2)
    assert {check["result"] for check in live["checks"] if check["check"] in ("view", "registry")} == {"pass"}
    assert 0 < grown["figures"]["entries"] < live["figures"]["entries"]
    shown = run("verify", evidence, "--trust", trust)
    assert shown.returncode == 0, shown.stdout
    assert f"{first} " in shown.stdout.splitlines()[0]
    assert "liaison.need.published about need/xaa-office/n1" in shown.stdout
