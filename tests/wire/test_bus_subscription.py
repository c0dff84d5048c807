"""Subscriptions: bounded, telling what they dropped, not silenced by a failing handler."""

import asyncio
from pathlib import Path

from tests.bus_fixture import running_bus, until
from tests.wire.slow_to_end import SlowToEnd
from wire.bus import Incoming


async def test_a_subscriber_that_is_too_slow_is_told_what_it_lost_and_memory_stays_bounded(tmp_path: Path) -> None:
    async with running_bus(tmp_path, "un-a") as network:
        hub, member = await network.hub(), await network.connect("un-a")
        release, lost = asyncio.Event(), [0]
        heard: list[object] = []

        async def slow(incoming: object) -> None:
            await release.wait()
            heard.append(incoming)

        await member.subscribe("log.clear.>", slow, pending_messages=10, on_dropped=lost.append)
        for number in range(100):
            await hub.publish("log.clear.need.x", b"%d" % number)
        await until(lambda: lost[-1] >= 89)
        release.set()
        await until(lambda: len(heard) + lost[-1] == 100)
        assert len(heard) <= 11


async def test_a_handler_that_fails_does_not_silence_its_subject(tmp_path: Path) -> None:
    async with running_bus(tmp_path, "un-a") as network:
        hub, member = await network.hub(), await network.connect("un-a")
        heard: list[int] = []

        async def picky(incoming: Incoming) -> None:
            heard.append(int(incoming.body))

        await hub.subscribe("heads.*", picky)
        for body in (b"1", b"not a number", b"2"):
            await member.publish("heads.un-a", body)
        await until(lambda: heard == [1, 2])


async def test_a_closed_subscription_hears_nothing_more(tmp_path: Path) -> None:
    async with running_bus(tmp_path) as network:
        hub = await network.connect("hub")
        first: list[object] = []
        second: list[object] = []

        async def to_first(incoming: object) -> None:
            first.append(incoming)

        async def to_second(incoming: object) -> None:
            second.append(incoming)

        subscription = await hub.subscribe("x", to_first)
        await hub.subscribe("x", to_second)
        await hub.publish("x", b"1")
        await until(lambda: len(first) == len(second) == 1)
        await subscription.close()
        await hub.publish("x", b"2")
        await until(lambda: len(second) == 2)
        assert len(first) == 1


async def test_whoever_is_cancelled_while_closing_is_cancelled_and_the_connection_ends_all_the_same(
    tmp_path: Path,
) -> None:
    async with running_bus(tmp_path) as network:
        hub = await network.connect("hub")
        slow = SlowToEnd()
        await hub.subscribe("x", slow)
        await hub.publish("x", b"1")
        await slow.is_cancelled_while_closing(hub)
