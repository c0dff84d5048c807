"""Reading a stream in batches: in order, bounded, across restarts, and at least once."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.bus_fixture import EVENTS, BusNetwork, events, kill, publish_surely, running_bus, until
from wire.bus import Bus, BusRefused, Incoming, Outgoing
from wire.bus_pull import Puller


@asynccontextmanager
async def reading(directory: Path) -> AsyncIterator[tuple[BusNetwork, Bus, Bus]]:
    async with running_bus(directory, "un-a") as network:
        yield network, await network.hub(), await network.connect("un-a")


async def taken(puller: Puller, count: int) -> list[Incoming]:
    """So many of what comes next: a server that pauses between two messages ends a batch early."""
    came: list[Incoming] = []
    while len(came) < count:
        batch = await puller.next(count - len(came), 60)
        assert batch, f"only {len(came)} of {count} came"
        came += batch
    return came


def numbers(batch: list[Incoming]) -> list[int]:
    return [int(incoming.body) for incoming in batch]


async def test_messages_come_in_order_in_batches_of_at_most_the_size_asked_for(tmp_path: Path) -> None:
    async with reading(tmp_path) as (_, hub, member):
        for place in range(5):
            await member.publish_batch(events(1 + 500 * place, 500))
        came: list[int] = []
        puller = Puller(hub, "EVENTS", "intake", ahead=600)
        while len(came) < 2500:
            batch = await puller.next(400, 60)
            assert 0 < len(batch) <= 400
            assert puller.held <= 600
            assert await puller.ack_through(batch[-1])
            came += numbers(batch)
        assert came == list(range(1, 2501))
        assert await puller.next(400, 0.1) == []


async def test_a_lone_message_does_not_wait_for_company(tmp_path: Path) -> None:
    async with reading(tmp_path) as (_, hub, member):
        puller = Puller(hub, "EVENTS", "intake")
        assert await puller.next(1000, 0.2) == []
        await member.publish_batch(events(1, 1))
        began = time.monotonic()
        assert numbers(await puller.next(1000, 60)) == [1]
        assert time.monotonic() - began < 30


async def test_what_was_not_acknowledged_comes_again_at_once_to_the_next_reader(tmp_path: Path) -> None:
    async with reading(tmp_path) as (_, hub, member):
        await member.publish_batch(events(1, 300))
        first = Puller(hub, "EVENTS", "intake")
        batch = await taken(first, 100)
        assert await first.ack_through(batch[49])
        first.close()
        began = time.monotonic()
        again = await taken(Puller(hub, "EVENTS", "intake"), 250)
        assert numbers(again) == list(range(51, 301))
        assert time.monotonic() - began < 30  # below the minute of ack_wait


async def test_an_acknowledgement_from_before_a_reconnection_is_not_used(tmp_path: Path) -> None:
    async with reading(tmp_path) as (network, hub, member):
        await member.publish_batch(events(1, 10))
        puller = Puller(hub, "EVENTS", "intake")
        old = await taken(puller, 10)
        epoch = hub.epoch
        kill(network)
        assert not await puller.ack_through(old[-1], seconds=1)
        await until(lambda: hub.epoch > epoch)
        assert not await puller.ack_through(old[-1])
        again = await taken(puller, 10)
        assert numbers(again) == list(range(1, 11))
        assert not await puller.ack_through(old[-1])
        assert await puller.ack_through(again[-1])


async def test_reading_goes_on_by_itself_when_the_server_is_killed(tmp_path: Path) -> None:
    async with reading(tmp_path) as (network, hub, member):
        puller, seen, killed_at = Puller(hub, "EVENTS", "intake", ahead=100), [0], {300, 900}
        for place in range(30):
            await publish_surely(member, events(1 + 50 * place, 50))
        deadline = time.monotonic() + 240
        while seen[-1] < 1500 and time.monotonic() < deadline:
            batch = await puller.next(50, 5)
            for number in numbers(batch):
                assert number <= seen[-1] + 1, "a message was left out"
                if number > seen[-1]:
                    seen.append(number)
            if any(number in killed_at for number in numbers(batch)):
                killed_at -= set(numbers(batch))
                kill(network)
            elif batch:
                await puller.ack_through(batch[-1])
        assert seen == list(range(1501))
        assert not killed_at


async def test_memory_is_bounded_in_bytes_too(tmp_path: Path) -> None:
    async with reading(tmp_path) as (_, hub, member):
        for number in range(40):
            await member.publish_batch([Outgoing("events.un-a.need", bytes(500_000), {"N": str(number)})])
        puller = Puller(hub, "EVENTS", "intake", ahead_bytes=4_000_000)
        assert len(await puller.next(1, 60)) == 1
        came = 1
        while came < 40:
            assert puller.held * 500_000 <= 4_000_000
            came += len(await taken(puller, 3))


@pytest.mark.parametrize("begun", [False, True])
async def test_a_lost_store_is_told_and_reading_goes_on_when_it_is_made_again(tmp_path: Path, begun: bool) -> None:
    async with reading(tmp_path) as (_, hub, member):
        puller = Puller(hub, "EVENTS", "intake")
        await member.publish_batch(events(1, 3))
        if begun:
            assert numbers(await taken(puller, 3)) == [1, 2, 3]
        await hub.api("STREAM.DELETE.EVENTS", {})
        with pytest.raises(BusRefused, match="not found"):
            await puller.next(10, 60)
        await hub.ensure_stream(EVENTS)
        await hub.ensure_pull_consumer("EVENTS", "intake")
        await member.publish_batch(events(1, 3))
        assert numbers(await taken(puller, 3)) == [1, 2, 3]
