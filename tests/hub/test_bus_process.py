"""Processes of nats-server: recognizing ours, ending them for certain, leaving others alone."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hub.bus_process import (
    BusServerError,
    binary,
    check_config,
    end_orphan,
    free_port,
    require_free,
    runs_with,
)
from tests.ports import ROWS


@contextmanager
def started(command: list[str], config: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process whose command line can be read; it ends with the test, however that ends."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 60
        while not runs_with(process.pid, config):
            assert time.monotonic() < until, "the process does not show its command line"
            time.sleep(0.01)
        yield process
    finally:
        process.kill()
        process.communicate()


def test_a_configuration_that_nats_server_does_not_accept_is_refused_with_its_words(tmp_path: Path) -> None:
    config = tmp_path / "nats.conf"
    config.write_text("nonsense: { ")
    with pytest.raises(BusServerError, match="does not accept its configuration"):
        check_config(config)


def test_an_orphan_that_ignores_the_polite_signal_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.bus_process.STOP_SECONDS", 0.2)
    config, pid_file = tmp_path / "nats.conf", tmp_path / "pid"
    script = "import signal; signal.signal(15, signal.SIG_IGN); print('deaf', flush=True); signal.pause()"
    with started([sys.executable, "-c", script, str(config)], config) as deaf:
        assert deaf.stdout is not None
        assert deaf.stdout.readline() == b"deaf\n"
        pid_file.write_text(str(deaf.pid))
        assert end_orphan(pid_file, config)
        assert deaf.wait(60) == -9


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="only Linux tells when a process has let go of its ports")
def test_an_orphan_is_ended_only_when_its_port_is_free_again(tmp_path: Path) -> None:
    """One that ends loses its command line first; here it takes another one, and a while to end."""
    config, pid_file = tmp_path / "nats.conf", tmp_path / "pid"
    script = (
        "import os, signal, socket; held = socket.create_server(('127.0.0.1', 0)); held.set_inheritable(True);"
        "signal.signal(15, lambda *_: os.execvp('sleep', ['sleep', '0.5']));"
        "print(held.getsockname()[1], flush=True); signal.pause()"
    )
    with started([sys.executable, "-c", script, str(config)], config) as slow:
        assert slow.stdout is not None
        port = int(slow.stdout.readline())
        with pytest.raises(BusServerError, match="another program has it"):
            require_free("127.0.0.1", port, "")
        pid_file.write_text(str(slow.pid))
        assert end_orphan(pid_file, config)
        require_free("127.0.0.1", port, "")
        assert slow.wait(60) == 0, "it ended as it is, by itself"


def test_an_orphan_that_has_not_written_its_pid_yet_is_found_by_its_configuration(tmp_path: Path) -> None:
    config, pid_file = tmp_path / "nats.conf", tmp_path / "pid"
    config.write_text(f'host: "127.0.0.1"\nport: {free_port("127.0.0.1")}\n')
    with started([binary(), "-c", str(config)], config) as orphan:
        assert end_orphan(pid_file, config)
        assert orphan.wait(60) is not None


def test_no_pid_an_old_pid_and_a_pid_of_somebody_else_are_no_orphans(tmp_path: Path) -> None:
    config, pid_file = tmp_path / "nats.conf", tmp_path / "pid"
    assert not end_orphan(pid_file, config)
    for text in ("", "nonsense", "999999999", str(os.getpid())):
        pid_file.write_text(text)
        assert not end_orphan(pid_file, config)


def test_a_free_port_is_free_until_somebody_takes_it() -> None:
    port = free_port("127.0.0.1")
    assert port < 32_768, "the system lends it to connections: the bus would not get it again after a restart"
    assert free_port("127.0.0.1") != port, "two that ask one after the other get the same"
    require_free("127.0.0.1", port, "")
    with socket.socket() as taker:
        taker.bind(("127.0.0.1", port))
        taker.listen()
        with pytest.raises(BusServerError, match=r"another program has it\. Do this\."):
            require_free("127.0.0.1", port, "Do this.")


def test_ports_are_chosen_from_those_that_were_named(monkeypatch: pytest.MonkeyPatch) -> None:
    own = ROWS[:2]
    monkeypatch.setenv("LIAISON_HUB_PORTS", f"{own[0]}-{own[-1]}")
    assert {free_port("127.0.0.1") for _ in range(4)} == set(own)


@pytest.mark.parametrize("said", ["21000", "21999-21000", "a-b", "0-5", "65000-65536", "-5-7"])
def test_what_names_no_ports_is_told(monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    monkeypatch.setenv("LIAISON_HUB_PORTS", said)
    with pytest.raises(BusServerError, match="LIAISON_HUB_PORTS must be two ports, the first and the last"):
        free_port("127.0.0.1")


def test_no_port_is_free_on_an_address_of_another_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LIAISON_HUB_PORTS")
    with pytest.raises(BusServerError, match=r"no port from 20000 to 32767 can be used on 192\.0\.2\.1: see that"):
        free_port("192.0.2.1")
