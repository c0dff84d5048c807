"""Erasure on a whole network of real processes: from the command at a node to the last file of hub and bus."""

import subprocess
import sys
from functools import partial
from pathlib import Path

import orjson

from deploy.demo.commands import node
from deploy.demo.network import node_status
from deploy.demo.service import wait_for
from tests.network import live_network
from tests.node.nodes import contact
from tests.words_in_files import files_with

SECRET = "Zauberlehrling"
ORG = "xa-centre"


def no_file_has(directory: Path, word: str) -> bool:
    return not files_with(directory, word)


def test_an_erased_body_is_in_no_file_of_node_hub_and_bus_and_the_hub_has_confirmed(tmp_path: Path) -> None:
    with live_network(tmp_path, ORG, "xb-office") as network:
        network.put(ORG, contact("duty", SECRET), contact("other", "Stays"), contact("more", "Stays too"))
        network.wait_delivered()
        network.put("xb-office", contact("after", "Of another"))
        network.wait_delivered()
        reader = network.reader()
        assert reader.get("/api/v1/records", q=SECRET)["items"]
        (tmp_path / f"put-{ORG}.jsonl").unlink()
        assert files_with(network.hub_dir, SECRET)
        assert files_with(network.node_dir(ORG), SECRET)
        done = orjson.loads(node("erase", str(network.node_dir(ORG)), "contact", "duty", "--yes", "--json"))
        assert done[0]["outcome"] == "erased"
        network.wait_delivered()
        assert reader.get("/api/v1/records", q=SECRET)["items"] == []
        [order] = reader.get("/api/v1/erasures")["items"]
        assert (order["org"], order["record"], order["missing"]) == (ORG, f"contact/{ORG}/duty", [])
        assert [each["org"] for each in order["confirmed"]] == ["hub"]
        for place in (network.node_dir(ORG), network.hub_dir):  # a reader may be in the way for a while
            assert wait_for(partial(no_file_has, place, SECRET), 60), files_with(place, SECRET)
        network.wait_outboxes_empty()
        assert node_status(network.node_dir(ORG))["records"]["erased"] == 1


def test_the_command_asks_a_person_and_no_pipe(tmp_path: Path) -> None:
    command = Path(sys.executable).parent / "liaison-node"
    place = tmp_path / "node"
    subprocess.run([command, "init", place, "--org", ORG, "--name", "Centre"], check=True, capture_output=True)
    asked = subprocess.run([command, "erase", place, "organization", ORG], capture_output=True, input=b"", check=False)
    assert asked.returncode == 2
    assert b"--yes" in asked.stderr
    assert b"proofs stay valid" in asked.stderr
    sure = [command, "erase", place, "organization", ORG, "--yes"]
    assert b"forgotten" in subprocess.run(sure, capture_output=True, check=True).stdout
