"""How any part of the hub stops all of it when the hub's own log turns out to be damaged."""

import asyncio
from pathlib import Path
from typing import NoReturn

import structlog

from hub.log_checks import LogDamaged

EVIDENCE_FILE = "log-damage.json"

_log = structlog.get_logger()


class Damage:
    """Built on the event loop; `report` may be called from any thread, the first report counts."""

    def __init__(self, directory: Path) -> None:
        self._file = directory / EVIDENCE_FILE
        self._loop = asyncio.get_running_loop()
        self._found: asyncio.Future[LogDamaged] = self._loop.create_future()

    def report(self, error: LogDamaged) -> None:
        """Say that the log is damaged: the hub stops, and the evidence lies in its state directory."""
        self._loop.call_soon_threadsafe(self._take, error)

    async def watch(self) -> NoReturn:
        """Wait for a report and raise it."""
        raise await self._found

    def _take(self, error: LogDamaged) -> None:
        if self._found.done():
            return
        self._file.write_bytes(error.document())
        _log.error("log.damaged", reason=str(error), evidence=str(self._file))
        self._found.set_result(error)
