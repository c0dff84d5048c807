"""Examination in worker processes: verifying signatures is nearly all the work, and one core is not enough for it."""

import asyncio
import os
from collections.abc import Sequence
from typing import Self

import structlog

from hub.entries import Read
from hub.parcels import pack_messages, unpack_reads
from hub.reads import read_messages
from hub.worker_process import WorkerLost, WorkerProcess
from wire.examine import Message

INLINE = 24  # fewer messages than this are examined faster here than by asking another process
CHUNK = 400  # messages of an ordinary network that fit into a pipe
ASKED_AHEAD = 2  # parcels at a worker: one that it examines, and the next
LOSSES = 3  # so many workers may die of one parcel, until it is no accident any more

_log = structlog.get_logger()


class Examiners:
    """A pool of worker processes that end with this process, even if this one is killed."""

    def __init__(self, network: str, workers: int | None = None) -> None:
        self._network = network
        self._workers = workers or os.cpu_count() or 1
        self._processes: list[WorkerProcess] = []
        self._free: asyncio.Queue[WorkerProcess] = asyncio.Queue()  # each as often as it may be asked now
        self._starting = asyncio.Lock()
        self._closed = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()

    async def read(self, packed_keys: bytes, messages: Sequence[Message]) -> list[Read]:
        """Examine messages, in their order."""
        if len(messages) < INLINE:
            return read_messages(self._network, packed_keys, messages)
        size = min(CHUNK, -(-len(messages) // self._workers))
        chunks = [messages[place : place + size] for place in range(0, len(messages), size)]
        parts = await asyncio.gather(*[self._ask(packed_keys, pack_messages(chunk)) for chunk in chunks])
        return [read for part in parts for read in unpack_reads(part)]

    async def _ask(self, packed_keys: bytes, parcel: bytes) -> bytes:
        for _ in range(LOSSES - 1):
            try:
                return await self._ask_once(packed_keys, parcel)
            except WorkerLost as error:
                _log.warning("examiners.lost", reason=str(error), what="what it had is examined again")
        return await self._ask_once(packed_keys, parcel)

    async def _ask_once(self, packed_keys: bytes, parcel: bytes) -> bytes:
        process = await self._one_that_is_free()
        try:
            return await process.ask(packed_keys, parcel)
        finally:
            self._free.put_nowait(process)  # a dead one too: whoever waits for it has another started

    async def _one_that_is_free(self) -> WorkerProcess:
        while True:
            await self._replace_dead()
            process = await self._free.get()
            if process.alive:
                return process

    async def _replace_dead(self) -> None:
        async with self._starting:
            self._processes = [process for process in self._processes if process.alive]
            before = len(self._processes)
            while len(self._processes) < self._workers:
                self._processes.append(await self._started())
                self._free.put_nowait(self._processes[-1])
            for process in self._processes[before:] * (ASKED_AHEAD - 1):  # all are asked once before any is twice
                self._free.put_nowait(process)

    async def _started(self) -> WorkerProcess:
        if not self._closed:
            process = await WorkerProcess.start("hub.examining", self._network)
            if not self._closed:
                return process
            process.close()
        raise RuntimeError("the workers are stopped: nothing is examined any more")

    def close(self) -> None:
        """Stop the workers; whoever waits for them, or asks later, has an error."""
        self._closed = True
        for process in self._processes:
            process.close()
