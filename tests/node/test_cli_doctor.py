"""The command doctor: every line with its cause, exit status 1 where something fails, data for programs."""

from pathlib import Path

import orjson
import pytest

from node.lock import sole_server
from tests.node.nodes import joined_node
from tests.node.test_cli import in_a_sentence, run


@pytest.fixture
def node(tmp_path: Path) -> Path:
    joined_node(tmp_path / "node").engine.dispose()
    return tmp_path / "node"


def test_it_names_each_check_and_what_to_do_beside_a_running_node(node: Path) -> None:
    with sole_server(node):
        told = run("doctor", node, "--test-event")
    assert told.returncode == 1
    assert "ok           Settings can be read: This is the node of xa-centre." in told.stdout
    assert "FAILED       The bus is reached: Nothing answers at nats://127.0.0.1:1." in told.stdout
    assert "what to do: See that the hub runs" in told.stdout
    assert "not checked  The clocks agree" in told.stdout
    assert "No test event was sent" in told.stderr


def test_its_data_are_those_of_the_api(node: Path) -> None:
    form = orjson.loads(run("doctor", node, "--json").stdout)
    assert form["well"] is False
    assert {"name", "title", "result", "cause", "what_to_do", "detail"} == set(form["checks"][0])


def test_a_time_without_sense_is_wrong_use(node: Path) -> None:
    in_a_sentence(run("doctor", node, "--seconds", "0"), 2, "--seconds is 1 to 600")
