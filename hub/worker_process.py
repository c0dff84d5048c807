"""One worker process and the pipes to it, as the event loop sees them."""

import asyncio
import contextlib
import fcntl
import os
import struct
import subprocess
import sys
from collections import deque
from typing import Final, Self

HEAD: Final = struct.Struct("!IQ")  # in front of each parcel: bytes of keys (0 in answers), bytes of the parcel
PIPE_BYTES: Final = 1024 * 1024  # a parcel waits in the pipe as a whole, so that the worker need not wait for it


class WorkerLost(Exception):
    """The worker process has ended; what it was asked must be asked again."""


class WorkerProcess(asyncio.Protocol):
    """Asks a worker one parcel after the other; it answers in their order. It ends with this process."""

    def __init__(self, module: str, argument: str) -> None:
        questions, self._to = _pipe()
        self._from, answers = _pipe()
        # -P: no module comes from the folder where the hub happens to have been started.
        command = [sys.executable, "-P", "-m", module, argument]
        with open(questions, "rb", 0) as stdin, open(answers, "wb", 0) as stdout:
            self._process = subprocess.Popen(command, stdin=stdin, stdout=stdout)
        self._asked: deque[asyncio.Future[bytes]] = deque()
        self._heard = bytearray()
        self.alive = True

    @classmethod
    async def start(cls, module: str, argument: str) -> Self:
        """Start `python -m module argument`."""
        loop = asyncio.get_running_loop()
        made = cls(module, argument)
        made._writing, _ = await loop.connect_write_pipe(asyncio.BaseProtocol, os.fdopen(made._to, "wb", 0))
        made._reading, _ = await loop.connect_read_pipe(lambda: made, os.fdopen(made._from, "rb", 0))
        return made

    async def ask(self, keys: bytes, parcel: bytes) -> bytes:
        """Give the worker's answer to a parcel; WorkerLost if it ends before."""
        if not self.alive:
            raise WorkerLost
        answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._asked.append(answer)
        self._writing.writelines([HEAD.pack(len(keys), len(parcel)), keys, parcel])
        return await answer

    def data_received(self, data: bytes) -> None:
        """Take in what the worker writes."""
        self._heard += data
        while len(self._heard) >= HEAD.size:
            _, size = HEAD.unpack_from(self._heard)
            end = HEAD.size + size
            if len(self._heard) < end:
                return
            answer = self._asked.popleft()
            if not answer.done():  # or else whoever asked has gone
                answer.set_result(bytes(memoryview(self._heard)[HEAD.size : end]))
            del self._heard[:end]

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell everybody who waits."""
        self.close()

    def close(self) -> None:
        """End the process."""
        if not self.alive:
            return
        self.alive = False
        self._writing.abort()
        self._reading.close()
        self._process.kill()
        self._process.wait()
        while self._asked:
            answer = self._asked.popleft()
            if not answer.done():
                answer.set_exception(WorkerLost())


def _pipe() -> tuple[int, int]:
    reading, writing = os.pipe()
    with contextlib.suppress(AttributeError, OSError):  # Linux alone knows it, and allows so much to everybody
        fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
    return reading, writing
