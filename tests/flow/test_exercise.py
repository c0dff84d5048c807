"""The exercise of the demonstration: it fills a hub, can be stopped and started, rebuilt and watched."""

import json
import sqlite3
import subprocess
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from deploy.demo.commands import hub, node
from deploy.demo.exercise import Exercise
from deploy.demo.network import Network
from deploy.demo.run import INTERRUPTED
from deploy.demo.service import BIN, wait_for
from tests.flow.demo import READY_SECONDS, Demo, demonstration, free_ports, left_running
from tests.network import LiveNetwork, View, members

LOCAL = 2  # a draft and a TLP:RED contact


@dataclass
class Told:
    """What the exercise's first run showed while it was running."""

    state: Path
    port: int
    shown: str
    view: View
    sequences: dict[str, int]
    matrix: Counter[str]
    watched: list[int]
    status: int


@dataclass
class Again:
    """What its next run showed, what ran on when that was killed, and which services were then ended."""

    shown: str
    view: View
    sequences: dict[str, int]
    left: list[str]
    ended: list[str]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """Begin to play the exercise and interrupt it; play it to its end, look at everything, stop it by Ctrl-C."""
    state, port = tmp_path_factory.mktemp("demo"), free_ports()
    assert _interrupted_while_loading(state, port) == INTERRUPTED
    with demonstration(state, port) as demo:
        network = _network(state, port)
        found = _look(network, demo)
        network.reader().close()
        found.status = demo.interrupt()
    return found


@pytest.fixture(scope="module")
def again(told: Told) -> Again:
    """Start it once more on the same state, look, kill it, and end what it left running as the next run begins by."""
    network = _network(told.state, told.port)
    with demonstration(told.state, told.port) as demo:
        sequences, view = network.reader().sequences(), network.view()
        network.reader().close()
        demo.kill()
        left = left_running(told.state)
        ended = network.end_leftovers()
    return Again(demo.shown, view, sequences, left, ended)


def _interrupted_while_loading(state: Path, port: int) -> int:
    demo = Demo(state, port)
    hub_database = state / "exercise" / "hub" / "hub.sqlite"

    def some_are_logged() -> bool:
        assert demo.runs
        if not hub_database.exists():
            return False
        with closing(sqlite3.connect(f"file:{hub_database}?mode=ro", uri=True)) as database:
            try:
                (records,) = database.execute("SELECT count(*) FROM records WHERE kind = 'need'").fetchone()
            except sqlite3.OperationalError:  # its tables are being made
                return False
        return bool(records)

    try:
        assert wait_for(some_are_logged, READY_SECONDS)
        return demo.interrupt()
    finally:
        if demo.runs:
            demo.interrupt()
        assert left_running(state) == []


def _network(state: Path, port: int) -> LiveNetwork:
    orgs = [organization.id for organization in Exercise().organizations]
    return LiveNetwork(state / "exercise", port, members(orgs), regional_port=port + 1, regional_places=("XAA",))


def _look(network: LiveNetwork, demo: Demo) -> Told:
    reader = network.reader()
    cells = reader.get("/api/v1/matrix", rows="place", columns="theme", scheme="theme_1373")["cells"]
    sequences, size = reader.sequences(), len(network.log())
    return Told(
        network.directory.parent, network.hub_port, demo.shown, network.view(), sequences,
        Counter(cell["state"] for cell in cells), _watch(network, size), -1,
    )  # fmt: skip


def _watch(network: Network, size: int) -> list[int]:
    """Follow the hub from the beginning until the log's end; give the indices."""
    watcher = subprocess.Popen(
        [str(BIN / "liaison"), "watch", network.hub.url, "--after", "-1", "--json"], stdout=subprocess.PIPE, text=True,
        env={"LIAISON_TOKEN": hub("token", str(network.hub_dir), "member", "watcher").strip()},
    )  # fmt: skip
    assert watcher.stdout
    seen: list[int] = []
    try:
        for line in watcher.stdout:
            seen.append(int(json.loads(line)["index"]))
            if seen[-1] == size - 1:
                break
    finally:
        watcher.terminate()
        watcher.wait(60)
    return seen


def test_every_record_of_the_scenario_is_shown_in_its_last_version(told: Told) -> None:
    exercise = Exercise()
    shown = {(item["org"], item["kind"], item["id"]): item for item in told.view}
    wanted = {
        (organization.id, entry["kind"], entry["id"]): entry
        for organization in exercise.organizations
        for entry in exercise.last_entries(organization.id)
        if entry["marking"] != "TLP:RED" and entry.get("need_status") != "draft"
    }
    assert len(wanted) > 140
    for key, entry in wanted.items():
        own = {name: value for name, value in entry.items() if name not in {"kind", "id", "marking", "derived_from"}}
        record = dict(shown[key]["record"])
        # The sources of a finding stay in the node; what is published in their place nobody can guess.
        assert (record.pop("derived_from_commitment", None) is None) == ("derived_from" not in entry)
        assert record == own
        assert shown[key]["status"] == "current"
    withdrawn = {key for key, item in shown.items() if item["status"] == "withdrawn"}
    assert withdrawn == {("lumen-agency", "offer", "o-03"), ("coastal-integrity-group", "activity", "a-04")}
    themselves = {(organization.id, "organization", organization.id) for organization in exercise.organizations}
    assert set(shown) == set(wanted) | withdrawn | themselves


def test_each_step_made_one_event_even_though_it_was_interrupted(told: Told) -> None:
    exercise = Exercise()
    for organization in exercise.organizations:
        mine = [step for step in exercise.steps if step["org"] == organization.id]
        said = [entry for step in mine if "put" in step for entry in exercise.entries(step)]
        told_nobody = [entry for entry in said if entry["marking"] == "TLP:RED" or entry.get("need_status") == "draft"]
        others = [step for step in mine if "put" not in step]
        # One more: the organization's own record, published when it joined.
        assert told.sequences[organization.id] == 1 + len(said) - len(told_nobody) + len(others)


def test_the_matrix_has_cells_of_every_state(told: Told) -> None:
    assert {"gap", "partly", "covered", "unrequested", "possible_duplication"} <= set(told.matrix)


def test_a_watcher_sees_every_entry_of_the_log_once_and_in_order(told: Told) -> None:
    assert told.watched == list(range(len(told.watched)))
    assert len(told.watched) > sum(told.sequences.values())


def test_ctrl_c_stops_everything_cleanly(told: Told) -> None:
    assert told.status == 0


def test_the_same_command_goes_on_from_there_and_publishes_nothing_twice(told: Told, again: Again) -> None:
    assert again.sequences == told.sequences
    assert again.view == told.view
    assert "0 steps were taken" in again.shown
    exercise = Exercise()
    records = sum(len(exercise.last_entries(organization.id)) for organization in exercise.organizations)
    assert f"{records} unchanged" in again.shown


def test_what_a_killed_demonstration_left_running_is_ended_by_the_next(told: Told, again: Again) -> None:
    network = _network(told.state, told.port)
    assert all(any(str(service.place) in line for line in again.left) for service in network.services)
    assert any("nats-server" in line for line in again.left)
    assert set(again.ended) == {"hub", "regional", *network.nodes}
    assert left_running(told.state) == []
    assert network.end_leftovers() == []


def test_a_rebuilt_view_is_the_same_view(told: Told) -> None:
    network = _network(told.state, told.port)
    size = len(network.log())
    hub("rebuild", str(network.hub_dir))
    try:
        network.hub.start()
        network.hub.wait_ready()
        assert network.view() == told.view
        assert len(network.log()) == size
    finally:
        network.close()


def test_drafts_and_what_is_red_stay_in_the_node(told: Told) -> None:
    listed = json.loads(node("list", str(told.state / "exercise" / "nodes" / "xaa-focal-office"), "--json"))
    assert len([record for record in listed if record["progress"] == "local"]) == LOCAL
