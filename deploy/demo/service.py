"""One service as a process of its own: started through its installed command, watched, stopped by its pid."""

import contextlib
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import httpx2

from hub.bus_process import free_port as free_port_of
from hub.bus_process import runs_with

BIN = Path(sys.executable).parent
START_SECONDS = 60
STOP_SECONDS = 30
POLL_SECONDS = 0.02
_TAIL_LINES = 25
# For plain HTTP on this machine: a client without it reads all certificates that the machine trusts, each time anew.
NO_CERTIFICATES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


class ServiceFailed(RuntimeError):
    """A service that did not do what was waited for; the text holds the end of its log."""


@dataclass
class Service:
    """`command` is the installed command with its arguments; standard output and error go to `log`.

    `place`, its state directory, is one of the arguments: by it a process is known again.
    """

    name: str
    command: list[str]
    place: Path
    port: int
    log: Path
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)
    _groups: list[int] = field(default_factory=list, repr=False)

    @property
    def url(self) -> str:
        """Where it answers HTTP."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int | None:
        """Its pid while it runs."""
        return self._process.pid if self._process and self._process.poll() is None else None

    @property
    def pid_file(self) -> Path:
        """Where the pid is kept, so that a process left behind by a killed parent is found again."""
        return self.log.with_suffix(".pid")

    def start(self) -> None:
        """Start it; returns at once."""
        require_free(self.port, self.name)
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            # A session of its own: Ctrl-C in the terminal is for whoever runs the network, who then stops the parts.
            self._process = subprocess.Popen(
                [str(BIN / self.command[0]), *self.command[1:]],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        self._groups.append(self._process.pid)
        self.pid_file.write_text(f"{self._process.pid}\n")

    def wait_ready(self, seconds: float = START_SECONDS) -> None:
        """Wait until /readyz says so; ServiceFailed when it ends before, or takes longer than `seconds`."""
        with httpx2.Client(trust_env=False, timeout=5, verify=NO_CERTIFICATES) as client:

            def ready() -> bool:
                if self.pid is None:
                    raise ServiceFailed(f"{self.name} ended while starting. {self.log_tail()}")
                with contextlib.suppress(httpx2.HTTPError):
                    return client.get(f"{self.url}/readyz").is_success
                return False

            if not wait_for(ready, seconds):
                raise ServiceFailed(f"{self.name} is not ready after {seconds:.0f} s. {self.log_tail()}")

    def stop(self, seconds: float = STOP_SECONDS) -> int:
        """Ask it to stop and wait; give its exit status. ServiceFailed, and no process left, if it does not."""
        process = self._process
        if process is None:
            return 0
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(seconds)
            except subprocess.TimeoutExpired:
                self.kill()
                self.kill_workers()
                raise ServiceFailed(f"{self.name} did not stop within {seconds:.0f} s. {self.log_tail()}") from None
        self._forget()
        return process.returncode

    def kill(self) -> int | None:
        """End it (kill -9) with no chance to tidy up; give the signal that ended it, None if it did not run."""
        process = self._process
        if process is None:
            return None
        process.kill()
        process.wait()
        self._forget()
        return -process.returncode

    def kill_workers(self) -> None:
        """End worker processes that outlived their killed parent; there should be none."""
        for group in self._groups:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(group, signal.SIGKILL)
        self._groups.clear()

    def end_leftover(self) -> bool:
        """End the process that a killed parent left behind; tell whether there was one."""
        try:
            pid = int(self.pid_file.read_text())
        except (FileNotFoundError, ValueError):
            return False
        running = partial(runs_with, pid, self.place)
        found = running()
        if found:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
            if not wait_for(lambda: not running(), STOP_SECONDS):
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(pid, signal.SIGKILL)
                wait_for(lambda: not running(), STOP_SECONDS)
        self.pid_file.unlink(missing_ok=True)
        return found

    def log_tail(self) -> str:
        """The last lines of its log."""
        if not self.log.exists():
            return f"It wrote no log ({self.log})."
        lines = self.log.read_text(errors="replace").splitlines()[-_TAIL_LINES:]
        return "\n".join([f"The end of {self.log}:", *lines])

    def _forget(self) -> None:
        self._process = None
        self.pid_file.unlink(missing_ok=True)


def wait_for(condition: Callable[[], bool], seconds: float, every: float = POLL_SECONDS) -> bool:
    """Poll until the condition holds, at most so many seconds; tell whether it does."""
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            return False
        time.sleep(every)
    return True


def free_port() -> int:
    """A port of this machine that nobody uses now."""
    return free_port_of("127.0.0.1")


def require_free(port: int, name: str) -> None:
    """ServiceFailed when another program listens on the port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise ServiceFailed(
                f"port {port}, which {name} is to use, is taken; stop that program or name another port"
            ) from None
