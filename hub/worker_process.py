"""One worker process and the pipes to it, as the event loop sees them."""

import asyncio
import contextlib
import fcntl
import os
import struct
import subprocess
import sys
from collections import deque
from typing import BinaryIO, Final, Self

HEAD: Final = struct.Struct("!IQ")  # before each parcel: how many bytes of keys (0 in answers) and of the parcel follow
PIPE_BYTES: Final = 1024 * 1024  # a parcel waits in the pipe as a whole, so that the worker never waits for its rest


class WorkerLost(Exception):
    """The worker process has ended; what it was asked must be asked again."""


class WorkerProcess(asyncio.Protocol):
    """Asks a worker one parcel after the other; it answers in their order, and ends when this process does."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self._process = process
        self._writing: asyncio.WriteTransport | None = None
        self._reading: asyncio.BaseTransport | None = None
        self._asked: deque[asyncio.Future[bytes]] = deque()
        self._heard = bytearray()
        self.alive = True

    @classmethod
    async def start(cls, module: str, argument: str) -> Self:
        """Start `python -m module argument`, which reads parcels on standard input and answers on standard output.

        No module of it comes from the folder in which the hub happens to have been started (`-P`).
        """
        loop = asyncio.get_running_loop()
        process, asking, hearing = _started([sys.executable, "-P", "-m", module, argument])
        made = cls(process)
        try:
            made._writing, _ = await loop.connect_write_pipe(lambda: _Asking(made), asking)
            made._reading, _ = await loop.connect_read_pipe(lambda: made, hearing)
        except BaseException:  # also when whoever wanted it has gone
            made.close()
            raise
        return made

    async def ask(self, keys: bytes, parcel: bytes) -> bytes:
        """Give the worker's answer to a parcel; WorkerLost if it ends before."""
        if not self.alive or self._writing is None:
            raise WorkerLost
        answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._asked.append(answer)
        self._writing.writelines([HEAD.pack(len(keys), len(parcel)), keys, parcel])
        return await answer

    def data_received(self, data: bytes) -> None:
        """Take in what the worker writes."""
        self._heard += data
        while len(self._heard) >= HEAD.size:
            end = HEAD.size + HEAD.unpack_from(self._heard)[1]
            if len(self._heard) < end:
                return
            answer = self._asked.popleft()
            if not answer.done():  # or else whoever asked has gone
                answer.set_result(bytes(memoryview(self._heard)[HEAD.size : end]))
            del self._heard[:end]

    def connection_lost(self, _exc: Exception | None) -> None:
        """Tell everybody who waits that it answers no more."""
        self.close()

    def close(self) -> None:
        """End the process; whoever waits for it hears WorkerLost."""
        if not self.alive:
            return
        self.alive = False
        self._process.kill()
        self._process.wait()
        while self._asked:
            answer = self._asked.popleft()
            if not answer.done():
                answer.set_exception(WorkerLost(f"worker process {self._process.pid} has ended"))
        # Either pipe may have found out first and be gone by now: its transport must not be touched again.
        if self._writing is not None and not self._writing.is_closing():
            self._writing.abort()
        if self._reading is not None and not self._reading.is_closing():
            self._reading.close()


class _Asking(asyncio.BaseProtocol):
    """The pipe to a worker: a worker that listens no more is as good as dead."""

    def __init__(self, worker: WorkerProcess) -> None:
        self._worker = worker

    def connection_lost(self, _exc: Exception | None) -> None:
        self._worker.close()


def _started(command: list[str]) -> "tuple[subprocess.Popen[bytes], BinaryIO, BinaryIO]":
    """The process, and our ends of the pipes: to it and from it."""
    (questions, asking), (hearing, answers) = _pipe(), _pipe()
    with os.fdopen(questions, "rb", 0) as stdin, os.fdopen(answers, "wb", 0) as stdout:
        process = subprocess.Popen(command, stdin=stdin, stdout=stdout)
    return process, os.fdopen(asking, "wb", 0), os.fdopen(hearing, "rb", 0)


def _pipe() -> tuple[int, int]:
    reading, writing = os.pipe()
    with contextlib.suppress(AttributeError, OSError):  # Linux has it, and lets everybody take so much
        fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
    return reading, writing
