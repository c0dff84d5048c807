"""Examination in worker processes: verifying signatures is nearly all the work, and one core is not enough for it."""

import asyncio
import multiprocessing
import os
import signal
import threading
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from datetime import date
from functools import partial
from multiprocessing.connection import wait
from typing import Any

import structlog

from hub.coverage import cover_lines
from hub.entries import Read, ViewOf
from hub.parcels import pack_messages, pack_reads, read_of, unpack_messages, unpack_reads
from hub.performance import settle_garbage_collection
from schemas.facets import facets
from schemas.freshness import review_due
from wire.examine import Examined, Message, examine, examine_all
from wire.keys import KEY_SIZE, PublicKey

INLINE = 24  # fewer messages than this are examined faster here than by asking another process
CHUNK = 500
GIVES_WAY = 10  # workers' niceness: commits, and whoever reads, go first, and a batch waits less for its transaction

_log = structlog.get_logger()
_known: tuple[bytes, dict[str, PublicKey]] = (b"", {})


def keys_in(packed: bytes) -> dict[str, PublicKey]:
    """Unpack public keys of 32 bytes each; the last answer is kept, as keys seldom change."""
    global _known  # noqa: PLW0603 - one value per process, replaced as a whole
    if _known[0] != packed:
        keys = [PublicKey(packed[place : place + KEY_SIZE]) for place in range(0, len(packed), KEY_SIZE)]
        _known = (packed, {key.thumbprint: key for key in keys})
    return _known[1]


def read_message(message: Message, network: str, keys: dict[str, PublicKey]) -> Read:
    """Examine one message and take from its record what the view wants; the record itself is not kept."""
    return read_of(examined := examine(message, network, keys), _view_of(examined))


def _view_of(examined: Examined) -> ViewOf:
    if examined.record is None or examined.said is None:
        return ViewOf(None, [], None)
    return view_of(examined.said.kind, examined.record, examined.said.time)


def view_of(kind: str, record: dict[str, Any], time: str) -> ViewOf:
    """Take from a record what the view wants of it; `time` is what its statement says."""
    due = review_due(kind, record, date.fromisoformat(time[:10]))
    # The text to search in is read from the log by the search projection; it need not travel with the rest.
    found = facets(kind, record, with_text=False)
    return ViewOf(found, cover_lines(kind, record), due.isoformat() if due else None)


def read_messages(network: str, packed_keys: bytes, messages: Sequence[Message]) -> list[Read]:
    """Do the same for many."""
    return [read_of(each, _view_of(each)) for each in examine_all(messages, network, keys_in(packed_keys))]


def read_parcel(network: str, packed_keys: bytes, parcel: bytes) -> bytes:
    """Do the same in a worker process."""
    examined = examine_all(unpack_messages(parcel), network, keys_in(packed_keys))
    return pack_reads((each, _view_of(each)) for each in examined)


class Examiners:
    """A pool of worker processes that ends with this process, even if this one is killed."""

    def __init__(self, network: str, workers: int | None = None) -> None:
        self._network = network
        self._workers = workers or os.cpu_count() or 1
        self._pool: ProcessPoolExecutor | None = None

    async def read(self, packed_keys: bytes, messages: Sequence[Message]) -> list[Read]:
        """Examine messages, in their order."""
        if len(messages) < INLINE:
            return read_messages(self._network, packed_keys, messages)
        size = min(CHUNK, -(-len(messages) // self._workers))
        chunks = [messages[place : place + size] for place in range(0, len(messages), size)]
        try:
            return await self._read_chunks(packed_keys, chunks)
        except BrokenProcessPool:
            _log.warning("examiners.lost", what="a worker process died; the batch is examined again")
            self.close()
            return await self._read_chunks(packed_keys, chunks)

    async def _read_chunks(self, packed_keys: bytes, chunks: list[Sequence[Message]]) -> list[Read]:
        if self._pool is None:
            self._pool = ProcessPoolExecutor(
                self._workers, mp_context=multiprocessing.get_context("spawn"), initializer=_end_with_parent
            )
        loop = asyncio.get_running_loop()
        read = partial(read_parcel, self._network, packed_keys)
        parts = await asyncio.gather(*[loop.run_in_executor(self._pool, read, pack_messages(c)) for c in chunks])
        return [read for part in parts for read in unpack_reads(part)]

    def close(self) -> None:
        """Stop the workers."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None


def _end_with_parent() -> None:
    # Ctrl-C reaches the whole group; the parent decides when its workers stop.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(GIVES_WAY)
    settle_garbage_collection()
    parent = multiprocessing.parent_process()

    def watch() -> None:
        if parent is not None:
            wait([parent.sentinel])
        os._exit(0)

    threading.Thread(target=watch, daemon=True).start()
