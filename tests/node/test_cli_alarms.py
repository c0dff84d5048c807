"""The alarms' commands of liaison-node, as a person uses them."""

from pathlib import Path

import orjson
import pytest

from node.alarms import Finding, Name
from node.node import build
from node.store import LogStore
from node.witnessing import Bell
from tests.node.logs import Watched
from tests.node.nodes import ORG, joined_node, noon
from tests.node.test_cli import done, in_a_sentence, run

AT = "2026-11-24T12:00:00.000Z"
WHY = "Restored from a backup; all entries are back."


@pytest.fixture
def node(tmp_path: Path) -> Path:
    """A node that has joined."""
    joined_node(tmp_path / "node").engine.dispose()
    return tmp_path / "node"


def sound(node: Path, name: Name, size: int = 9) -> LogStore:
    log = build(node).log
    log.sound(Finding(name, "what was found", size, {"note": f"n{size}"}), AT)
    Bell(node, log, noon)
    return log


def test_an_alarm_is_listed_in_words_with_its_evidence_and_what_to_do(node: Path) -> None:
    sound(node, Name.ROLLED_BACK)
    listed = run("alarms", node)
    assert listed.returncode == 1
    assert "1 rolled-back: stands, noticed 2026-11-24T12:00:00.000Z at 9 of the log" in listed.stdout
    assert "whether the hub was restored" in listed.stdout
    [item] = orjson.loads(run("alarms", node, "--json").stdout)
    assert (node / item["evidence"]).exists()
    assert str(node / item["evidence"]) in listed.stdout
    assert (item["number"], item["name"], item["stops"], item["size"]) == (1, "rolled-back", True, 9)
    assert item == orjson.loads(run("status", node, "--json").stdout)["alarms"][0]


def test_a_revoked_key_is_told_by_status_as_soon_as_it_was_read(tmp_path: Path) -> None:
    watched = Watched(tmp_path)
    watched.close()
    assert run("status", watched.directory).returncode == 0
    watched.revoke()
    watched.close()
    told = run("status", watched.directory)
    assert told.returncode == 1
    assert "key-revoked: index 2: the roots have revoked the signing key" in told.stdout
    assert orjson.loads(run("status", watched.directory, "--json").stdout)["log"]["stopped_by"] is None


def test_a_settled_alarm_stays_with_its_reason_and_status_is_well_again(node: Path) -> None:
    sound(node, Name.ROLLED_BACK)
    sound(node, Name.STRANGER)
    assert run("status", node).returncode == 1
    told = run("alarms", "settle", node, "rolled-back", "--reason", WHY)
    assert (told.returncode, told.stdout) == (0, "")
    assert "Settled: 1 rolled-back" in told.stderr
    assert "liaison-node serve" in told.stderr
    assert run("status", node).returncode == 1, "another alarm stands"
    assert run("alarms", "settle", node, "2", "--reason", WHY).returncode == 0
    status = orjson.loads(done("status", node, "--json"))
    assert [each["settled"]["reason"] for each in status["alarms"]] == [WHY, WHY]
    assert status["log"]["stopped_by"] is None
    assert "settled 20" in done("status", node)
    assert f": {WHY}" in done("alarms", node)
    assert orjson.loads(done("alarms", "list", node, "--json"))[0]["settled"]["reason"] == WHY
    assert len(list((node / "evidence").iterdir())) == 2


def test_what_is_found_again_after_it_was_settled_is_a_negative_finding_again(node: Path) -> None:
    sound(node, Name.SPLIT_VIEW)
    assert run("alarms", "settle", node, "split-view", "--reason", WHY).returncode == 0
    sound(node, Name.SPLIT_VIEW)
    assert run("status", node).returncode == 1
    assert [each["settled"] is None for each in orjson.loads(run("alarms", node, "--json").stdout)] == [False, True]


def test_a_note_that_stops_nothing_is_no_negative_finding(node: Path) -> None:
    sound(node, Name.LATE)
    assert "1 late: stands" in done("alarms", node)


def test_an_alarm_that_there_is_not_is_told_beside_those_that_there_are(node: Path) -> None:
    in_a_sentence(run("alarms", "settle", node, "3", "--reason", WHY), 1, "there is no alarm '3'", "none stands")
    sound(node, Name.DROPPED)
    in_a_sentence(run("alarms", "settle", node, "altered", "--reason", WHY), 1, "those that stand are 1 dropped")
    in_a_sentence(run("alarms", "settle", node, "dropped", "--reason", " "), 1, "a reason has 1 to 500 characters")
    assert run("alarms", "settle", node, "dropped").returncode == 2, "a reason has to be given"


def test_an_alarm_of_the_chain_is_listed_with_the_command_that_resolves_it(node: Path) -> None:
    build(node).outbox.sound_alarm("behind-hub", "an older database")
    listed = run("alarms", node)
    assert listed.returncode == 1
    assert "- behind-hub: stands" in listed.stdout
    assert "liaison-node restore-chain DIR" in listed.stdout
    in_a_sentence(run("alarms", "settle", node, "behind-hub", "--reason", WHY), 1, "liaison-node restore-chain DIR")
    assert run("status", node).returncode == 1


def test_before_the_join_there_is_nothing_to_list_or_settle(tmp_path: Path) -> None:
    done("init", tmp_path / "node", "--org", ORG, "--name", "Centre of Xandia")
    listed = run("alarms", tmp_path / "node")
    assert (listed.returncode, listed.stdout, listed.stderr) == (0, "", "There was never an alarm.\n")
    assert orjson.loads(done("alarms", tmp_path / "node", "--json")) == []
    in_a_sentence(run("alarms", "settle", tmp_path / "node", "stranger", "--reason", WHY), 1, "none stands")
    in_a_sentence(run("alarms", tmp_path / "elsewhere"), 1, "liaison-node init")
