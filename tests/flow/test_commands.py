"""The demonstration's commands, forked and not started, are the installed ones: what they print, refuse and read."""

import time
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import forkserver
from pathlib import Path

import pytest

from deploy.demo.commands import hub, node
from deploy.demo.network import node_status
from deploy.demo.service import ServiceFailed
from node.alarms import Finding, Name
from node.node import build


def test_a_command_gives_what_it_printed_and_several_run_at_once(tmp_path: Path) -> None:
    hub("init", str(tmp_path / "hub"), "--network", "exercise.example")
    with ThreadPoolExecutor(4) as pool:
        tokens = list(pool.map(lambda n: hub("token", str(tmp_path / "hub"), "member", f"reader {n}"), range(4)))
    assert [len(token.strip()) for token in tokens] == [43] * 4
    assert len(set(tokens)) == 4, "no two processes draw the same numbers"


def test_no_command_is_told_to_have_failed_because_another_began_as_it_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, waiting, delayed = forkserver.read_signed, set[int](), 0  # type: ignore[attr-defined]

    def read_late(place: int) -> int:
        nonlocal delayed
        if place not in waiting:
            waiting.add(place)
            time.sleep(0.03)  # time enough for another thread to take the answer away
            waiting.discard(place)
            delayed += 1
        return int(read(place))

    monkeypatch.setattr(forkserver, "read_signed", read_late)
    with ThreadPoolExecutor(8) as pool:
        said = list(pool.map(lambda _number: hub("--help"), range(24)))
    assert all("liaison-hub" in words for words in said)
    assert delayed


def test_a_command_that_fails_raises_its_own_words(tmp_path: Path) -> None:
    with pytest.raises(ServiceFailed, match=r"ended with 1: liaison-node: .* holds no node"):
        node("status", str(tmp_path))
    with pytest.raises(ServiceFailed, match="ended with 2"):
        node("frobnicate")


def test_a_command_has_the_directory_and_the_environment_of_its_moment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    node("init", str(tmp_path / "there"), "--org", "xa-centre", "--name", "Centre")
    monkeypatch.chdir(tmp_path)
    node("init", "here", "--org", "xa-centre", "--name", "Centre")
    assert (tmp_path / "here" / "enrolment.json").exists()
    monkeypatch.setenv("LIAISON_NODE_DATABASE", "nonsense://x")
    with pytest.raises(ServiceFailed, match="database"):
        node("init", "other", "--org", "xa-centre", "--name", "Centre")


def test_what_a_node_says_of_itself_is_read_also_while_an_alarm_stands(tmp_path: Path) -> None:
    node("init", str(tmp_path / "node"), "--org", "xa-centre", "--name", "Centre")
    made = build(tmp_path / "node")
    made.log.sound(Finding(Name.STRANGER, "a statement that is not known", 3, {}), "2026-11-24T12:00:00.000Z")
    made.engine.dispose()
    with pytest.raises(ServiceFailed, match="ended with 1"):
        node("status", str(tmp_path / "node"), "--json")
    assert [each["name"] for each in node_status(tmp_path / "node")["alarms"]] == ["stranger"]
    with pytest.raises(ServiceFailed, match="holds no node"):
        node_status(tmp_path)
