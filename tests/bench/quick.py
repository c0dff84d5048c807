"""`make bench-quick`: hub intake against raw verification and against the naive way, interleaved, in one JSON line."""

import asyncio
import os
import statistics
import sys
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

from sqlalchemy import func, select

from hub import tables
from hub.bus_server import BusServer
from hub.examiners import Examiners
from hub.intake import DURABLE, Intake, ensure_streams
from hub.performance import settle_garbage_collection
from hub.writer import Committed
from tests.bench.cpu import children, cpu_seconds
from tests.bench.limit import signed_parts, verifications_per_second
from tests.bench.naive import NaiveIntake
from tests.bench.network import BenchNetwork, make_network
from wire import subjects
from wire.bus import Bus, Outgoing, StreamPlan
from wire.bus_pull import Puller
from wire.encoding import b64url
from wire.examine import Message
from wire.nkeys import nkey_public

ROUNDS = 5
EVENTS = 20_000
NAIVE_EVENTS = 300
LIMIT_SAMPLE, LIMIT_ROUNDS = 2_000, 20
WARM = 6_000  # events by which workers are warm: they examine the first five hundred of a kind in the slow way
NAIVE_STREAM, NAIVE_DURABLE = "NAIVE", "naive"


async def measure(folder: Path) -> dict[str, object]:
    settle_garbage_collection()
    network = make_network(folder)
    server = BusServer(folder, nkey_public(network.keyring.bus_seed))
    await server.start([])
    bus = await Bus.connect(server.url, name="bench", seed=network.keyring.bus_seed)
    await ensure_streams(bus)
    await bus.ensure_stream(StreamPlan(NAIVE_STREAM, ("naive.>",)))
    await bus.ensure_pull_consumer(NAIVE_STREAM, NAIVE_DURABLE)
    try:
        return await _rounds(network, bus)
    finally:
        await bus.close()
        await server.stop()


async def _rounds(network: BenchNetwork, bus: Bus) -> dict[str, object]:
    over_limit, over_naive, rates, cpus = [], [], [], []
    naive = NaiveIntake(network, network.heads)
    naive_network = BenchNetwork(network.directory, network.engine, network.keyring, network.keys, dict(network.heads))
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        for number in range(ROUNDS):
            messages = list(network.events(EVENTS))
            parts = signed_parts(messages[:LIMIT_SAMPLE], network.keys)
            await _fill(bus, messages, "events")
            await _fill(bus, list(naive_network.events(NAIVE_EVENTS)), "naive")
            before = await asyncio.to_thread(verifications_per_second, pool, parts, LIMIT_ROUNDS)
            intake, cpu = await _intake(network, bus, messages[:WARM])
            after = await asyncio.to_thread(verifications_per_second, pool, parts, LIMIT_ROUNDS)
            slow = await naive.events_per_second(bus, NAIVE_STREAM, NAIVE_DURABLE, NAIVE_EVENTS)
            limit = (before + after) / 2
            over_limit.append(intake / limit)
            over_naive.append(intake / slow)
            rates.append(intake)
            cpus.append(cpu)
            say = f"intake {intake:,.0f}/s ({cpu:.0f} µs CPU each), limit {limit:,.0f}/s, naive {slow:,.0f}/s"
            print(f"round {number + 1}: {say}", file=sys.stderr, flush=True)
    _check(network, naive)
    return {
        "intake_over_verify_limit": round(statistics.median(over_limit), 3),
        "intake_over_naive": round(statistics.median(over_naive), 1),
        "intake_events_per_second": round(statistics.median(rates)),
        "intake_cpu_microseconds_per_event": round(statistics.median(cpus)),
        "spread_over_limit": [round(min(over_limit), 3), round(max(over_limit), 3)],
        "spread_over_naive": [round(min(over_naive), 1), round(max(over_naive), 1)],
        "rounds": ROUNDS,
        "events": ROUNDS * EVENTS,
        "cores": os.cpu_count(),
    }


async def _fill(bus: Bus, messages: list[Message], prefix: str) -> None:
    outgoing = [
        Outgoing(
            f"{prefix}.{message.organization}.{message.kind}",
            message.body or b"",
            {
                subjects.TOKEN_HEADER: message.token.decode(),
                "Nats-Msg-Id": b64url(os.urandom(32)),
                "Content-Type": "application/json",
            },
        )
        for message in messages
    ]
    for start in range(0, len(outgoing), 500):
        await bus.publish_batch(outgoing[start : start + 500])


async def _intake(network: BenchNetwork, bus: Bus, warm: list[Message]) -> tuple[float, float]:
    """Take in what the stream holds, from first request to last commit; events per second, and CPU µs per event."""
    done = asyncio.Event()
    expected = sum(sequence for sequence, _ in network.heads.values()) + len(network.heads) + 1

    def committed(change: Committed) -> None:
        if change.size >= expected:
            done.set()

    async def nothing() -> None:
        raise RuntimeError("the bench's stream is gone")

    examiners = Examiners(network.keyring.trust.network)
    with ThreadPoolExecutor(1) as thread:
        writer = network.writer()
        await examiners.read(writer.packed_keys, warm)  # as in a hub that has run for a while
        puller = Puller(bus, subjects.EVENTS_STREAM, DURABLE)
        intake = Intake(bus, puller, examiners, writer, thread, [committed], nothing)
        processes = [os.getpid(), *children()]
        used = cpu_seconds(processes)
        begun = time.perf_counter()
        running = asyncio.create_task(intake.run())
        await done.wait()
        seconds = time.perf_counter() - begun
        cpu = (cpu_seconds(processes) - used) / EVENTS * 1e6
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        puller.close()
    examiners.close()
    return EVENTS / seconds, cpu


def _check(network: BenchNetwork, naive: NaiveIntake) -> None:
    """No number counts without the exact result: all events logged and shown, none refused or left out."""
    with network.engine.connect() as connection:
        counted = {
            table.name: connection.scalar(select(func.count()).select_from(table))
            for table in (tables.log, tables.records, tables.quarantine, tables.exclusions)
        }
    said = ROUNDS * EVENTS
    expected = {"log": said + len(network.heads) + 1, "records": said, "quarantine": 0, "exclusions": 0}
    if counted != expected or naive.stored() != ROUNDS * NAIVE_EVENTS:
        raise SystemExit(f"the result is wrong, so the figures mean nothing: {counted}, expected {expected}")
