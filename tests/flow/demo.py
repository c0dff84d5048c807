"""Starts the demonstration as a visitor does, reads what it prints, and stops it by Ctrl-C."""

import os
import queue
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest

from tests.ports import ROWS

ROOT = Path(__file__).parents[2]
READY = "Ready. Press Ctrl-C"
READY_SECONDS = 300

PORTS = 40  # the hub's is the first, the nodes' begin ten further


class Demo:
    """One run of the demonstration; `shown` is what it has printed so far."""

    def __init__(self, state: Path, port: int, *arguments: str) -> None:
        words = [sys.executable, "-m", "deploy.demo.run", "--state", str(state), "--port", str(port), *arguments]
        self.shown = ""
        self._process = subprocess.Popen(
            words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
            env={**os.environ, "COLUMNS": "120", "NO_COLOR": "1"},
        )  # fmt: skip
        self._lines: queue.Queue[str | None] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def wait_ready(self) -> str:
        """Wait until it says that it is ready; give all that it printed."""
        until = time.monotonic() + READY_SECONDS
        while READY not in self.shown:
            try:
                line = self._lines.get(timeout=max(0.0, until - time.monotonic()))
            except queue.Empty:
                pytest.fail(f"not ready after {READY_SECONDS} s:\n{self.shown}")
            if line is None:
                pytest.fail(f"it ended before it was ready:\n{self.shown}")
            self.shown += line
        return self.shown

    def interrupt(self) -> int:
        """Press Ctrl-C; give the exit status."""
        self._process.send_signal(signal.SIGINT)
        return self._process.wait(180)

    def kill(self) -> None:
        """Kill it as a machine's operator would: what it has started runs on."""
        self._process.kill()
        self._process.wait(180)

    @property
    def runs(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    def _read(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            self._lines.put(line)
        self._lines.put(None)


def free_ports() -> int:
    """The first of a row of free ports, as many as a demonstration uses.

    Where this process alone looks for rows, or another one could take a port out of it.
    """
    rows = ROWS[: -PORTS + 1 : PORTS]
    for first in random.sample(rows, len(rows)):
        with ExitStack() as probes, suppress(OSError):
            for port in range(first, first + PORTS):
                probes.enter_context(socket.socket()).bind(("127.0.0.1", port))
            return first
    pytest.fail(f"no {PORTS} free ports in a row were found")


@contextmanager
def demonstration(state: Path, port: int, *arguments: str) -> Iterator[Demo]:
    """Run it until it is ready; whatever happens, nothing of it stays running."""
    demo = Demo(state, port, *arguments)
    try:
        demo.wait_ready()
        yield demo
    finally:
        if demo.runs:
            demo.interrupt()
        left = left_running(state)
        assert left == [], left


def left_running(state: Path) -> list[str]:
    """Give the command lines of all processes that have to do with this state."""
    shown = subprocess.run(["ps", "-ww", "-eo", "stat=,args="], capture_output=True, text=True, check=True).stdout
    return [line for line in shown.splitlines() if str(state) in line and not line.startswith(("Z", "ps "))]
