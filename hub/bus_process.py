"""Processes of nats-server: where the binary is, whether a pid is ours, and how one of ours is ended for certain."""

import contextlib
import itertools
import os
import random
import select
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

STOP_SECONDS = 20
_KILL_SECONDS = 5
_LETTING_GO_SECONDS = 1.0
# A bus keeps its port. Those above are lent by the system to any connection: after a restart one would be taken.
_PORTS = range(20_000, 32_768)
_FEWER = "LIAISON_HUB_PORTS"  # as 21000-21999: hubs that begin at the same moment on one machine choose apart
_tries = itertools.count(random.randrange(len(_PORTS)))  # noqa: S311 (no secret: processes begin at different places)


class BusServerError(RuntimeError):
    """The embedded nats-server cannot run; the text says why and what to do."""


def binary() -> str:
    """The nats-server beside this Python, else the one on the path."""
    found = shutil.which("nats-server", path=str(Path(sys.executable).parent)) or shutil.which("nats-server")
    if found is None:
        raise BusServerError("nats-server was not found; install the package with its hub part: liaison-network[hub]")
    return found


def check_config(config: Path) -> None:
    """Let nats-server read the file; BusServerError with its words when it does not accept it."""
    result = subprocess.run(
        [binary(), "-t", "-c", str(config)], capture_output=True, text=True, check=False, timeout=STOP_SECONDS
    )
    if result.returncode:
        raise BusServerError(
            f"nats-server does not accept its configuration: {(result.stderr or result.stdout).strip()}"
        )


def free_port(host: str) -> int:
    """A port that nobody uses now and the system lends to no connection; BusServerError when there is none."""
    ports = _ports()
    for _ in ports:
        port = ports[next(_tries) % len(ports)]
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.bind((host, port))
            return port
    raise BusServerError(
        f"no port from {ports[0]} to {ports[-1]} can be used on {host}: see that the address is one of this machine"
    )


def _ports() -> range:
    said = os.environ.get(_FEWER, "")
    if not said:
        return _PORTS
    first, _, last = said.partition("-")
    try:
        found = range(int(first), int(last) + 1)
    except ValueError:
        found = range(0)
    if not found or found[0] < 1 or found[-1] > 65_535:
        raise BusServerError(f"{_FEWER} must be two ports, the first and the last, as 21000-21999; it is {said!r}")
    return found


def require_free(host: str, port: int, remedy: str) -> None:
    """BusServerError when somebody else listens there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise BusServerError(
                f"port {port} on {host}, which this bus keeps, cannot be used ({error.strerror}): "
                f"another program has it. {remedy}"
            ) from None


def recorded_pid(pid_file: Path) -> int | None:
    """The pid that nats-server itself wrote, None when there is none."""
    try:
        return int(pid_file.read_text().strip())
    except (FileNotFoundError, ValueError):
        return None


def runs_with(pid: int, config: Path) -> bool:
    """Whether this pid is, now, a process started with our configuration file: pids are reused by others."""
    if Path("/proc/self/cmdline").exists():
        return os.fsencode(config) in _command_line(pid).split(b"\0")
    shown = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return str(config) in shown.stdout


def _command_line(pid: int) -> bytes:
    """Give what Linux knows: words, a zero byte after each; empty when the process has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return b""


def end_orphan(pid_file: Path, config: Path) -> bool:
    """End the servers that a killed hub left behind, and wait for their end; tell whether there were any."""
    recorded = recorded_pid(pid_file)
    # A hub may be killed before its server has written its pid: such a one is found by its command line.
    orphans = {pid for pid in (recorded, *_servers_of(config)) if pid is not None and runs_with(pid, config)}
    for pid in orphans:
        _end(pid, config)
    return bool(orphans)


def _servers_of(config: Path) -> list[int]:
    if Path("/proc/self/cmdline").exists():
        ending = b"\0-c\0" + os.fsencode(config) + b"\0"
        pids = [int(each.name) for each in Path("/proc").iterdir() if each.name.isdigit()]
        return [pid for pid in pids if _command_line(pid).endswith(ending)]
    shown = subprocess.run(["ps", "-axo", "pid=,command="], capture_output=True, text=True, check=False).stdout
    return [int(line.split()[0]) for line in shown.splitlines() if line.rstrip().endswith(f" -c {config}")]


def _end(pid: int, config: Path) -> None:
    with watched(pid, config) as has_ended:
        for signal_number, seconds in ((signal.SIGTERM, STOP_SECONDS), (signal.SIGKILL, _KILL_SECONDS)):
            if runs_with(pid, config):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal_number)
            if has_ended(seconds):
                return
    raise BusServerError(f"the nats-server left behind by an earlier hub (pid {pid}) does not end; end it by hand")


@contextmanager
def watched(pid: int, config: Path) -> Iterator[Callable[[float], bool]]:
    """Give what waits, so many seconds at most, until this process has ended, and tells whether it has.

    One that ends still has its ports and files for a moment after its command line has gone.
    """
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        yield lambda _seconds: True
    except (AttributeError, OSError):  # not Linux, or an old one
        yield lambda seconds: _vanished(pid, config, seconds)
    else:
        with os.fdopen(descriptor, "rb", 0) as process:
            poll = select.poll()
            poll.register(process, select.POLLIN)
            yield lambda seconds: bool(poll.poll(seconds * 1000))


def _vanished(pid: int, config: Path, seconds: float) -> bool:
    until = time.monotonic() + seconds
    while runs_with(pid, config):
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    time.sleep(_LETTING_GO_SECONDS)
    return True
