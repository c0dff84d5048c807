"""The command restore-chain: what it says where it cannot reach the hub."""

from pathlib import Path

from tests.node.nodes import HubEnd, joined_node, make_node
from tests.node.test_cli import in_a_sentence, run
from tests.refusing_bus import refusing_bus


def test_a_key_that_the_bus_does_not_know_is_told_with_what_to_do(tmp_path: Path) -> None:
    with refusing_bus() as url:
        joined_node(tmp_path, hub=HubEnd(), bus_url=url).engine.dispose()
        words = "does not accept this node's key", "liaison-node join DIR ADMISSION.json", "Authorization Violation"
        in_a_sentence(run("restore-chain", tmp_path), 1, *words)


def test_a_command_that_answers_shows_no_line_of_the_log(tmp_path: Path) -> None:
    with refusing_bus() as url:
        joined_node(tmp_path, hub=HubEnd(), bus_url=url).engine.dispose()
        said = run("restore-chain", tmp_path).stderr
        assert said.startswith("liaison-node: The bus does not accept")
        assert len(said.splitlines()) == 1
        looked = run("doctor", tmp_path)
    assert looked.stderr == ""
    assert "The bus does not accept this node's key." in looked.stdout


def test_a_node_that_has_not_joined_has_nothing_to_restore(tmp_path: Path) -> None:
    make_node(tmp_path).engine.dispose()
    in_a_sentence(run("restore-chain", tmp_path), 1, "has not joined a network")
