"""The embedded nats-server: its configuration, its life, and what it survives."""

import asyncio
import json
import os
import signal
import socket
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from hub.bus_config import BusAccount
from hub.bus_process import binary, recorded_pid, runs_with
from hub.bus_server import BusServer, BusServerError
from tests.bus_fixture import BusNetwork, kill, running_bus, until
from wire.bus import Bus
from wire.nkeys import generate_nkey, nkey_public


def exists(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def running(pid: int) -> bool:
    """Whether the process exists and is no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


async def test_ports_are_chosen_once_and_kept(tmp_path: Path) -> None:
    public = generate_nkey()[1]
    first = BusServer(tmp_path, public)
    again = BusServer(tmp_path, public)
    assert (first.port, first.monitor_port) == (again.port, again.monitor_port)
    assert json.loads((tmp_path / "bus.json").read_text())["port"] == first.port


async def test_stop_ends_the_server_and_leaves_no_process(tmp_path: Path) -> None:
    async with running_bus(tmp_path) as network:
        pid = network.server.pid
        assert pid is not None
        assert running(pid)
        await until(network.server.healthy)
    assert not exists(pid)
    assert not await network.server.healthy()
    await network.server.stop()


async def test_whoever_is_cancelled_while_the_server_stops_is_cancelled_and_the_server_ends_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start, starting, cancelled, go = asyncio.create_subprocess_exec, asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def start_slowly(*command: str, **options: Any) -> asyncio.subprocess.Process:
        process = await start(*command, **options)
        starting.set()
        try:
            await asyncio.Event().wait()
        finally:
            process.kill()
            cancelled.set()
            await go.wait()
        return process

    async with running_bus(tmp_path) as network:
        with monkeypatch.context() as patch:
            patch.setattr("asyncio.create_subprocess_exec", start_slowly)
            kill(network)
            await until(starting.is_set)
        stopping = asyncio.create_task(network.server.stop())
        await until(cancelled.is_set)
        stopping.cancel()
        await asyncio.wait({stopping}, timeout=60)
        go.set()
        assert stopping.cancelled()
        await network.server.start(network.accounts())  # nothing holds the directory
        await until(network.server.healthy)


async def test_files_of_the_server_are_for_its_owner_only(tmp_path: Path) -> None:
    async with running_bus(tmp_path) as network:
        assert network.server.config.stat().st_mode & 0o077 == 0
        assert network.server.config.parent.stat().st_mode & 0o077 == 0
        assert network.seeds["hub"].decode() not in network.server.config.read_text()


async def test_a_port_that_somebody_else_took_is_named_in_the_error(tmp_path: Path) -> None:
    server = BusServer(tmp_path, generate_nkey()[1])
    with socket.socket() as other:
        other.bind(("127.0.0.1", server.port))
        other.listen()
        with pytest.raises(BusServerError, match=f"port {server.port}.*another program"):
            await server.start([])
    await server.start([])
    await server.stop()


async def test_a_second_hub_on_the_same_directory_is_refused_and_the_first_goes_on(tmp_path: Path) -> None:
    async with running_bus(tmp_path) as network:
        with pytest.raises(BusServerError, match="already served"):
            await BusServer(tmp_path, generate_nkey()[1]).start([])
        await until(network.server.healthy)


async def test_an_orphan_of_a_killed_hub_is_ended_before_a_new_server_starts(tmp_path: Path) -> None:
    public = generate_nkey()[1]
    first = BusServer(tmp_path, public)
    await first.start([])
    await first.stop()
    orphan = subprocess.Popen([binary(), "-c", str(first.config)], stderr=subprocess.DEVNULL)  # noqa: ASYNC220
    try:
        pid_file = tmp_path / "bus" / "nats-server.pid"
        await until(lambda: recorded_pid(pid_file) == orphan.pid)
        second = BusServer(tmp_path, public)
        await second.start([])
        assert orphan.poll() is not None
        assert second.port == first.port
        await until(second.healthy)
        await second.stop()
    finally:
        orphan.kill()
        orphan.wait()


async def test_a_server_that_is_killed_while_it_starts_is_started_again(tmp_path: Path) -> None:
    server = BusServer(tmp_path, generate_nkey()[1])
    starting = asyncio.create_task(server.start([]))
    while (first := server.pid) is None:  # noqa: ASYNC110 - nothing else tells of it
        await asyncio.sleep(0)  # to look at every turn of the loop: a moment later it may have started
    assert not starting.done()
    os.kill(first, signal.SIGKILL)
    await starting
    assert server.pid not in (None, first)
    await until(server.healthy)
    await server.stop()


async def test_a_recorded_pid_that_now_belongs_to_another_program_is_left_alone(tmp_path: Path) -> None:
    stranger = subprocess.Popen(["sleep", "60"])  # noqa: ASYNC220
    try:
        server = BusServer(tmp_path, generate_nkey()[1])
        (tmp_path / "bus" / "nats-server.pid").write_text(str(stranger.pid))
        assert not runs_with(stranger.pid, server.config)
        await server.start([])
        await server.stop()
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


async def test_a_server_that_dies_is_started_again_on_the_same_port_with_its_store(tmp_path: Path) -> None:
    restarted = asyncio.Event()
    seed, public = generate_nkey()
    server = BusServer(tmp_path, public, on_restart=restarted.set)
    await server.start([])
    try:
        pid = server.pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        async with asyncio.timeout(120):
            await restarted.wait()
        assert server.pid not in {None, pid}
        assert not exists(pid)
        bus = await Bus.connect(server.url, name="hub", seed=seed, wait=60)
        assert bus.connected
        await bus.close()
    finally:
        await server.stop()


async def test_reload_admits_an_organization_and_disturbs_nobody(tmp_path: Path) -> None:
    states: list[tuple[bool, str]] = []
    async with running_bus(tmp_path, "un-a") as network:
        member = await network.connect("un-a", on_state=lambda connected, reason: states.append((connected, reason)))
        seed, public = generate_nkey()
        early = await Bus.connect(network.url, name="un-b", seed=seed, wait=0.5)
        network.connections.append(early)
        assert not early.connected
        epoch, pid = member.epoch, network.server.pid
        await network.server.reload([*network.accounts(), BusAccount("un-b", public)])
        assert await early.wait_connected(60)
        assert await member.confirm(60)
        assert (member.epoch, network.server.pid) == (epoch, pid)
        assert states == [(True, "connected")]
        await _serve_pings(network)
        assert await early.request("ask.un-b.ping", timeout=60) == b"un-b"
        assert await member.request("ask.un-a.ping", timeout=60) == b"un-a"


async def test_an_organization_that_is_admitted_while_a_dead_server_is_started_again_is_let_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running_bus(tmp_path) as network:
        start, starting, go = asyncio.create_subprocess_exec, asyncio.Event(), asyncio.Event()

        async def start_late(*command: str, **options: Any) -> asyncio.subprocess.Process:
            starting.set()
            await go.wait()
            return await start(*command, **options)

        monkeypatch.setattr("asyncio.create_subprocess_exec", start_late)
        kill(network)
        await until(starting.is_set)
        network.seeds["un-b"] = generate_nkey()[0]
        reloading = asyncio.create_task(network.server.reload(network.accounts()))
        await asyncio.sleep(0)  # it has begun: the configuration is written, the server has not read it
        go.set()
        await reloading
        assert (await network.connect("un-b")).connected


async def _serve_pings(network: BusNetwork) -> None:
    async def answer(subject: str, _payload: bytes, _headers: Mapping[str, str]) -> bytes:
        return subject.split(".")[1].encode()

    hub = await network.hub()
    await hub.answer("ask.*.>", answer)
    assert await hub.confirm(60)


async def test_reload_is_in_effect_when_it_returns_and_ends_the_connections_of_who_left(tmp_path: Path) -> None:
    async with running_bus(tmp_path, "un-a", "un-b") as network:
        leaving, staying = await network.connect("un-a"), await network.connect("un-b")
        await network.server.reload([BusAccount("un-b", nkey_public(network.seeds["un-b"]))])
        await until(lambda: not leaving.connected)
        refused = await Bus.connect(network.url, name="un-a", seed=network.seeds["un-a"], wait=0.5)
        network.connections.append(refused)
        assert not refused.connected
        assert staying.connected


async def test_a_change_that_cannot_be_rendered_leaves_the_running_accounts_as_they_are(tmp_path: Path) -> None:
    async with running_bus(tmp_path, "un-a") as network:
        before = network.server.config.read_text()
        with pytest.raises(ValueError, match="un-a"):
            await network.server.reload([*network.accounts(), *network.accounts()])
        with pytest.raises(BusServerError, match="does not accept"):
            await network.server.reload([BusAccount("un-c", "not a key")])
        assert network.server.config.read_text() == before
        assert (await network.connect("un-a")).connected


@pytest.mark.parametrize("damaged", [b"", b"[]", b"\xff", b'{"port": "x"}', b'{"port": 99999}', b'{"port": true}'])
def test_damaged_ports_are_told_with_what_to_do_and_kept(tmp_path: Path, damaged: bytes) -> None:
    (tmp_path / "bus.json").write_bytes(damaged)
    with pytest.raises(BusServerError, match=r"must name the ports of the bus.*restore it from a backup"):
        BusServer(tmp_path, generate_nkey()[1])
    assert (tmp_path / "bus.json").read_bytes() == damaged
