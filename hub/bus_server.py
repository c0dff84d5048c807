"""The embedded nats-server: configured, started, watched, started again when it dies, and ended with the hub.

Under DIR: `bus.json` (the ports, chosen once and kept), `bus/` (configuration, log, pid) and
`jetstream/` (the store; whoever can modify it can make events come again or late, but not forge one).
"""

import asyncio
import contextlib
import fcntl
import json
import os
import signal
import ssl
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import httpx2
import structlog

from hub.bus_config import BusAccount, BusSettings, render
from hub.bus_process import (
    STOP_SECONDS,
    BusServerError,
    binary,
    check_config,
    end_orphan,
    free_port,
    require_free,
)
from wire.durable_file import replace_durably

__all__ = ["BusServer", "BusServerError"]

FIRST_PAUSE, LONGEST_PAUSE = 0.1, 10.0
_READY_SECONDS = 120  # a large store is read before the server is ready
_STABLE_SECONDS = 30
_LAUNCHES = 5
_POLL = 0.02
# Its monitoring is plain HTTP on the loopback interface: reading the machine's certificates for each question is waste.
_NO_CERTIFICATES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)

_log = structlog.get_logger(__name__)


class BusServer:
    """One nats-server of one hub, which speaks with the key `hub_nkey_public` (`U…`); one hub for each directory."""

    def __init__(
        self,
        directory: Path,
        hub_nkey_public: str,
        *,
        host: str = "127.0.0.1",
        port: int | None = None,
        max_store: int = 10 * 1024**3,
        on_restart: Callable[[], None] | None = None,
    ) -> None:
        self._directory = directory.resolve()
        self._place = self._directory / "bus"
        self._place.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.config = self._place / "nats.conf"
        self._pid_file = self._place / "nats-server.pid"
        self._host, self._max_store, self._on_restart = host, max_store, on_restart
        self.port, self.monitor_port = self._kept_ports(port)
        self._hub_nkey_public = hub_nkey_public
        self.restarts = 0
        self._accounts: Sequence[BusAccount] = ()
        self._process: asyncio.subprocess.Process | None = None
        self._watching: asyncio.Task[None] | None = None
        self._lock: int | None = None
        self._starting = asyncio.Lock()  # held from writing the configuration until the process that reads it is known

    @property
    def url(self) -> str:
        """Where members and hub connect."""
        return f"nats://{self._host}:{self.port}"

    @property
    def pid(self) -> int | None:
        """The server's pid while it runs."""
        return self._process.pid if self._process and self._process.returncode is None else None

    async def start(self, accounts: Sequence[BusAccount]) -> None:
        """Start with these accounts and wait until it serves; BusServerError says why it cannot."""
        self._take_lock()
        try:
            self._accounts = tuple(accounts)
            if await asyncio.to_thread(end_orphan, self._pid_file, self.config):
                _log.warning("bus.orphan_ended", directory=str(self._directory))
            await self._launch_despite_kills()
        except BaseException:
            await self._end()
            self._release_lock()
            raise
        self._watching = asyncio.create_task(self._watch(), name="nats-server")

    async def stop(self) -> None:
        """End the server and wait for its end; harmless when it does not run."""
        watching, self._watching = self._watching, None
        try:
            if watching:
                watching.cancel()
                await asyncio.wait({watching})
        finally:
            await self._end()
            self._release_lock()

    async def reload(self, accounts: Sequence[BusAccount]) -> None:
        """Put these accounts in place of the present ones, without disturbing connections that stay allowed.

        Returns when they are in effect; BusServerError when the server does not take them (the old ones stay).
        """
        text = render(self._settings(), accounts)
        async with self._starting:
            if self.pid is None or text == self.config.read_text():
                self._accounts = tuple(accounts)  # when it is down, the next start takes them
                return
        candidate = self._place / "nats.conf.candidate"
        replace_durably(candidate, text.encode())
        await asyncio.to_thread(check_config, candidate)
        until = time.monotonic() + _READY_SECONDS
        self._accounts = tuple(accounts)
        candidate.replace(self.config)
        # Twice: the imports of an account that is new in a reload take effect with the next one (nats-server 2.15.1).
        await self._load_again(until)
        await self._load_again(until)

    async def _load_again(self, until: float) -> None:
        before = await self._load_time(until)
        with contextlib.suppress(ProcessLookupError):
            if self._process:
                self._process.send_signal(signal.SIGHUP)
        # Should it die meanwhile, then its successor has another time too, and the new accounts.
        await self._load_time(until, other_than=before)

    async def healthy(self) -> bool:
        """Whether the server runs and says that its streams are well."""
        if self.pid is None:
            return False
        try:
            return bool((await self._ask("/healthz")).get("status") == "ok")
        except BusServerError:
            return False

    async def _load_time(self, until: float, *, other_than: str = "") -> str:
        while time.monotonic() < until:
            with contextlib.suppress(BusServerError):
                loaded = str((await self._ask("/varz"))["config_load_time"])
                if loaded != other_than:
                    return loaded
            await asyncio.sleep(_POLL)
        raise BusServerError(f"nats-server does not take its new configuration; its log says: {self._log_tail()}")

    def _settings(self) -> BusSettings:
        return BusSettings(
            directory=self._directory,
            host=self._host,
            port=self.port,
            monitor_port=self.monitor_port,
            hub_nkey_public=self._hub_nkey_public,
            max_store=self._max_store,
        )

    def _kept_ports(self, port: int | None) -> tuple[int, int]:
        path = self._directory / "bus.json"
        kept = _read_ports(path) if path.exists() else {}
        chosen = port or kept.get("port") or free_port(self._host)
        monitor = kept.get("monitor_port") or free_port("127.0.0.1")
        keep = {"port": chosen, "monitor_port": monitor}
        if kept != keep:
            replace_durably(path, json.dumps(keep).encode() + b"\n")
        return chosen, monitor

    async def _launch(self) -> None:
        async with self._starting:
            self._process = await self._new_process()
        until = time.monotonic() + _READY_SECONDS
        while not await self.healthy():
            if self._process.returncode is not None:
                raise BusServerError(f"nats-server ended while starting; its log says: {self._log_tail()}")
            if time.monotonic() > until:
                raise BusServerError(f"nats-server does not become ready; its log says: {self._log_tail()}")
            await asyncio.sleep(_POLL)

    async def _new_process(self) -> asyncio.subprocess.Process:
        replace_durably(self.config, render(self._settings(), self._accounts).encode())
        remedy = f"Stop that program, or write another port into {self._directory / 'bus.json'} and tell the members."
        require_free(self._host, self.port, remedy)
        require_free("127.0.0.1", self.monitor_port, remedy)
        # A session of its own: Ctrl-C is for the hub, which ends the server after its own work.
        return await asyncio.create_subprocess_exec(
            binary(),
            "-c",
            str(self.config),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )

    async def _launch_despite_kills(self) -> None:
        """One that was killed while it started did nothing wrong; one that ends by itself cannot be helped."""
        for left in reversed(range(_LAUNCHES)):
            try:
                await self._launch()
            except BusServerError:
                killed = self._process is not None and (self._process.returncode or 0) < 0
                if not (killed and left):
                    raise
            else:
                return
                _log.warning("bus.killed_while_starting", directory=str(self._directory))

    async def _watch(self) -> None:
        pause = FIRST_PAUSE
        while True:
            began = time.monotonic()
            if self._process:
                code = await self._process.wait()
                _log.error("bus.server_died", code=code, log=self._log_tail())
            if time.monotonic() - began > _STABLE_SECONDS:
                pause = FIRST_PAUSE
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
            try:
                await self._launch()
            except (BusServerError, OSError) as error:
                _log.error("bus.server_not_restarted", reason=str(error))
                await self._end()
                continue
            self.restarts += 1
            if self._on_restart:
                self._on_restart()

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is None or process.returncode is not None:
            return
        process.terminate()
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()

    async def _ask(self, path: str) -> dict[str, Any]:
        # trust_env off: a proxy of the machine has no business with the loopback interface.
        try:
            async with httpx2.AsyncClient(trust_env=False, timeout=5, verify=_NO_CERTIFICATES) as client:
                answer = await client.get(f"http://127.0.0.1:{self.monitor_port}{path}")
                return dict(answer.json())
        except (httpx2.HTTPError, ValueError) as error:
            raise BusServerError(f"nats-server's monitoring does not answer: {error}") from None

    def _log_tail(self) -> str:
        try:
            lines = (self._place / "nats-server.log").read_text(errors="replace").splitlines()
        except FileNotFoundError:
            return "nothing"
        return " | ".join(lines[-3:])

    def _take_lock(self) -> None:
        lock = os.open(self._place / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(lock)
            raise BusServerError(f"the bus of {self._directory} is already served by another liaison-hub") from None
        self._lock = lock

    def _release_lock(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def _read_ports(path: Path) -> dict[str, int]:
    try:
        kept = json.loads(path.read_bytes())
    except ValueError:
        kept = None
    if isinstance(kept, dict) and all(type(each) is int and 0 < each < 65536 for each in kept.values()):
        return kept
    raise BusServerError(
        f'{path} must name the ports of the bus, as {{"port": 4222, "monitor_port": 8222}}; restore it from a backup, '
        "or remove it: then another port is chosen, and members must be told of it"
    )
