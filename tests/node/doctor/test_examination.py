"""The whole list over a real bus: a sound node passes, and each failure is named where it is."""

import asyncio
import re
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from node.doctor import Check, Result, examine
from node.doctor.results import TITLES
from tests.node.doctor.hubs import node_on_a_bus, noted
from tests.node.nodes import make_node
from wire.nkeys import generate_nkey


async def looked(folder: Path) -> Mapping[str, Check]:
    found = await asyncio.to_thread(examine, folder / "node")
    assert [each.name for each in found.checks] == [name for name in TITLES if name != "test-event"]
    return {each.name: each for each in found.checks}


async def test_a_sound_node_passes_and_each_fault_is_named_where_it_is(tmp_path: Path) -> None:
    async with node_on_a_bus(tmp_path) as (node, _, answers):
        found = await looked(tmp_path)
        for name in ("settings", "database", "keys", "joined", "name", "reached", "log-in", "publish", "ask", "clock"):
            assert found[name].result is Result.PASS, found[name]
        assert found["seen"].cause.startswith("live")
        assert found["outbox"].result is Result.FAIL, "nothing is sent while it is not served"

        answers.network, answers.state = "other.example", "suspended"
        assert "another network" in (await looked(tmp_path))["ask"].cause

        answers.network, answers.now = "exercise.example", lambda: noted() - timedelta(minutes=5)
        found = await looked(tmp_path)
        assert found["clock"].result is Result.FAIL
        # The answer is taken to be of the middle of the time it took, which was some seconds at most.
        assert re.search(r"\b(29[5-9]|30[0-5]) s ahead", found["clock"].cause), found["clock"]
        assert (found["seen"].result, found["seen"].cause[:9]) == (Result.FAIL, "suspended")

        (node.settings.directory / "keys" / "bus.nk").write_bytes(generate_nkey()[0])
        found = await looked(tmp_path)
        assert found["log-in"].result is Result.FAIL
        assert "does not accept" in found["log-in"].cause
        assert found["publish"].result is found["ask"].result is Result.NOT_CHECKED


async def test_a_silent_hub_is_told_apart_from_a_bus_that_is_away(tmp_path: Path) -> None:
    async with node_on_a_bus(tmp_path) as (_, network, _answers):
        await network.connections[0].close()
        found = await looked(tmp_path)
        assert (found["publish"].result, found["ask"].result) == (Result.PASS, Result.FAIL)
        assert found["clock"].result is found["seen"].result is Result.NOT_CHECKED
        await network.server.stop()
        found = await looked(tmp_path)
        assert found["reached"].result is Result.FAIL
        assert found["log-in"].result is Result.NOT_CHECKED


def test_a_node_that_has_not_joined_is_told_what_comes_next(tmp_path: Path) -> None:
    make_node(tmp_path / "node").engine.dispose()
    found = {each.name: each for each in examine(tmp_path / "node").checks}
    assert found["joined"].result is Result.FAIL
    assert "liaison-node join" in found["joined"].what_to_do
    assert found["reached"].result is Result.NOT_CHECKED


def test_without_a_database_the_way_to_the_bus_is_looked_at(tmp_path: Path) -> None:
    make_node(tmp_path / "node").engine.dispose()
    (tmp_path / "node" / "node.sqlite").unlink()
    settings = tmp_path / "node" / "node.toml"
    settings.write_text(settings.read_text().replace('bus = ""', 'bus = "nats://127.0.0.1:1"'))
    found = {each.name: each for each in examine(tmp_path / "node").checks}
    assert "Nothing answers at nats://127.0.0.1:1" in found["reached"].cause
    assert found["log-in"].result is Result.NOT_CHECKED


def test_a_directory_without_a_node_gives_the_whole_list(tmp_path: Path) -> None:
    found = examine(tmp_path)
    assert not found.well
    assert len(found.checks) == len(TITLES) - 1
