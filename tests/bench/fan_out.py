"""What a hub pays to tell many live readers: rate and CPU for each delivered event, by number of readers."""

import asyncio
import multiprocessing
import socket
import sys
import tempfile
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final

import uvicorn

from hub import live
from hub.api.application import create_api
from hub.reads import keys_in, read_message
from hub.streaming.connection import server_config
from hub.streaming.file_limit import raise_file_limit
from hub.streaming.limits import LiveLimits
from hub.tail import Tail
from tests.bench.cpu import cpu_seconds
from tests.bench.network import NETWORK, BenchNetwork, make_network
from tests.hub.streaming.crowd import CrowdReader, gather_crowd
from wire.database import open_database, sqlite_url

__all__ = ["measure_fan_out"]

READERS: Final = (10, 100, 1000)
EVENTS: Final = 100  # at once, as after a batch of the intake
SINGLE: Final = 20  # one after the other, each when all have the one before: the dearest way
KINDS: Final = ("need", "activity")  # contacts are not for everybody
QUERIES: Final = ("", "?kind=need&kind=activity", "?place=001")


def measure_fan_out(folder: Path, events: int = EVENTS, crowds: tuple[int, ...] = READERS) -> dict[str, object]:
    """Fill a log, and then let it grow before crowds of readers who all want all of it."""
    raise_file_limit()
    network = make_network(folder)
    begun = _log(network, (events + SINGLE) * len(crowds))
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(
        target=_serve, args=(str(folder), network.keyring.trust.to_bytes(), begun, there), daemon=True
    )
    process.start()
    try:
        port = here.recv()
        found: dict[str, object] = {}
        for number, readers in enumerate(crowds):
            first = begun + number * (events + SINGLE)
            indices = range(first, first + events + SINGLE)
            said = asyncio.run(_crowd(here, process.pid or 0, port, readers, indices))
            found[str(readers)] = said
            print(f"fan-out to {readers} readers: {said}", file=sys.stderr, flush=True)
        here.send(None)
        found["encoded_per_event"] = here.recv() / ((events + SINGLE) * len(crowds))
    finally:
        process.join(10)
        process.kill()
    return found


def _log(network: BenchNetwork, count: int) -> int:
    """Log events that everybody may see; gives the index of the first."""
    writer = network.writer()
    begun = int(writer.state.size)
    keys = keys_in(writer.packed_keys)
    messages = list(network.events(count, "TLP:CLEAR", KINDS))
    writer.commit([(message, read_message(message, NETWORK, keys)) for message in messages])
    if writer.state.size != begun + count:
        raise SystemExit(f"the log has {writer.state.size} entries, {begun + count} were expected")
    network.engine.dispose()
    return begun


async def _crowd(pipe: Connection, pid: int, port: int, readers: int, indices: range) -> dict[str, float]:
    queries = [QUERIES[number % len(QUERIES)] for number in range(readers)]
    crowd = await gather_crowd(f"http://127.0.0.1:{port}", queries)
    used, begun = cpu_seconds([pid]), time.perf_counter()
    for index in indices[:SINGLE]:
        await _tell(pipe, crowd, index)
    between = cpu_seconds([pid])
    singly = time.perf_counter() - begun
    await _tell(pipe, crowd, indices[-1])
    seconds, cpu = time.perf_counter() - begun - singly, cpu_seconds([pid]) - between
    for reader in crowd:
        reader.close()
        if reader.ids() != list(indices):
            raise SystemExit("a reader missed something, so the figures mean nothing")
    batch = readers * (len(indices) - SINGLE)
    return {
        "singly_cpu_microseconds_per_delivery": round((between - used) / (readers * SINGLE) * 1e6, 1),
        "singly_milliseconds_until_all_have_it": round(singly / SINGLE * 1e3, 1),
        "batch_cpu_microseconds_per_delivery": round(cpu / batch * 1e6, 1),
        "batch_deliveries_per_second": round(batch / seconds),
    }


async def _tell(pipe: Connection, crowd: list[CrowdReader], index: int) -> None:
    pipe.send(index + 1)
    await asyncio.gather(*(reader.reach(index) for reader in crowd))


def _serve(folder: str, trust_json: bytes, size: int, pipe: Connection) -> None:
    """In a process of its own: only what readers cost is counted."""
    raise_file_limit()
    written = 0
    write = live.cloudevent

    def counted(*arguments: object) -> bytes:
        nonlocal written
        written += 1
        return write(*arguments)  # type: ignore[arg-type]

    live.cloudevent = counted  # type: ignore[assignment]

    async def serve() -> None:
        engine = open_database(sqlite_url(Path(folder) / "hub.sqlite"))
        tail, loop = Tail(size), asyncio.get_running_loop()
        app = create_api(engine, NETWORK, trust_json, lambda: None, tail, live=LiveLimits(per_address=0))  # type: ignore[arg-type,return-value]
        server = uvicorn.Server(server_config(app, log_level="error", lifespan="off"))
        listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        pipe.send(listener.getsockname()[1])
        while (grown := await loop.run_in_executor(None, pipe.recv)) is not None:
            tail.advance(grown)
        tail.close()
        server.should_exit = True
        await serving
        pipe.send(written)

    import uvloop

    uvloop.run(serve())


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="liaison-bench-") as place:
        print(measure_fan_out(Path(place)))
