"""The lasting connection: coming back by itself, saying what it does not know, leaving nothing behind."""

import asyncio
import random
from pathlib import Path

import pytest

from tests.bus_fixture import events, running_bus, until
from tests.refusing_bus import refusing_bus
from wire.bus import Bus, BusAway
from wire.nkeys import generate_nkey


async def test_without_a_bus_nothing_is_sent_and_it_connects_when_the_bus_comes(tmp_path: Path) -> None:
    async with running_bus(tmp_path, "un-a") as network:
        await network.server.stop()
        states: list[bool] = []
        member = await Bus.connect(
            network.url, name="un-a", seed=network.seeds["un-a"], wait=None, on_state=lambda up, _: states.append(up)
        )
        network.connections.append(member)
        await until(lambda: bool(states))
        for attempt in (member.publish_batch(events(1, 2)), member.publish("a", b""), member.request("a", timeout=1)):
            with pytest.raises(BusAway, match="the bus is away"):
                await attempt
        assert not await member.confirm()
        await network.server.start(network.accounts())
        assert await member.wait_connected(60)
        # It is told once for each reason that there is, and a server that starts may give another one.
        assert (set(states[:-1]), states[-1]) == ({False}, True)
        hub = await network.hub()
        assert (await hub.stream_state("EVENTS")).messages == 0


async def test_closing_leaves_no_task_behind(tmp_path: Path) -> None:
    async with running_bus(tmp_path, "un-a") as network:
        before = asyncio.all_tasks()
        hub = await network.hub()
        for number in range(3):
            member = await Bus.connect(network.url, name="un-a", seed=network.seeds["un-a"], wait=60)
            await member.publish_batch(events(number, 1))
            await member.close()
            assert not member.connected
        await hub.close()
        await until(lambda: asyncio.all_tasks() <= before)


async def test_closing_ends_at_whatever_moment_it_comes() -> None:
    pauses = random.Random(7)  # noqa: S311 - the same moments in every run
    for _ in range(60):
        bus = await Bus.connect("nats://127.0.0.1:1", name="un-a", seed=generate_nkey()[0], wait=None)
        await asyncio.sleep(pauses.uniform(0, 0.02))  # the moment is what is tested
        async with asyncio.timeout(30):
            await bus.close()


async def test_nobody_waits_for_a_bus_that_has_refused_the_key(tmp_path: Path) -> None:
    with refusing_bus() as url:
        bus = await Bus.connect(url, name="un-a", seed=generate_nkey()[0], wait=None)
        assert not bus.refused, "nothing was tried yet"
        async with asyncio.timeout(60):  # the connection is tried again for ever, and this wait has no other end
            assert not await bus.wait_let_in(3600)
        assert bus.refused
        assert "Authorization Violation" in bus.reason
        await bus.close()
    async with running_bus(tmp_path, "un-a") as network:
        member = await Bus.connect(network.url, name="un-a", seed=network.seeds["un-a"], wait=None)
        network.connections.append(member)
        assert await member.wait_let_in(60)
        assert not member.refused


async def test_what_the_server_forbids_is_remembered_in_its_words(tmp_path: Path) -> None:
    async with running_bus(tmp_path, "un-a") as network:
        public = await network.connect(None)
        assert public.complaint == ""
        await public.publish("events.un-a.need", b"")
        await until(lambda: "permissions violation" in public.complaint)
