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
    return LiveNetwork(state / "exercise", port, members(orgs))


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
        watcher.wait(10)
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


def test_the_same_command_goes_on_from_there_and_publishes_nothing_twice(told: Told) -> None:
    with demonstration(told.state, told.port) as demo:
        network = _network(told.state, told.port)
        assert network.reader().sequences() == told.sequences
        assert network.view() == told.view
        network.reader().close()
        assert "0 steps were taken" in demo.shown
        records = sum(len(Exercise().last_entries(org)) for org in network.nodes)
        assert f"{records} unchanged" in demo.shown
        assert demo.interrupt() == 0


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


def test_what_a_killed_demonstration_left_running_is_ended_by_the_next(told: Told) -> None:
    killed = _network(told.state, told.port)
    try:
        killed.start()
        assert killed.bus_pid
        following = _network(told.state, told.port)
        assert set(following.end_leftovers()) == {"hub", *killed.nodes}
        assert left_running(told.state) == []
        assert following.end_leftovers() == []
    finally:
        killed.close()


def test_drafts_and_what_is_red_stay_in_the_node(told: Told) -> None:
    listed = json.loads(node("list", str(told.state / "exercise" / "nodes" / "xaa-focal-office"), "--json"))
    assert len([record for record in listed if record["progress"] == "local"]) == LOCAL
