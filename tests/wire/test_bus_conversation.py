"""Asking and answering over a bus that dies in between."""

import asyncio
from pathlib import Path

import pytest
import uvloop

from tests.bus_fixture import kill, running_bus, until
from tests.wire.slow_to_end import SlowToEnd
from wire.bus import BusAway, BusRefused, Incoming, Unknown


async def test_a_request_under_way_when_the_server_dies_ends_as_unknown_at_once(tmp_path: Path) -> None:
    async with running_bus(tmp_path, "un-a") as network:
        hub, member = await network.hub(), await network.connect("un-a")
        asked = asyncio.Event()

        async def never(subject: str, payload: bytes, headers: object) -> bytes:
            asked.set()
            await asyncio.Event().wait()
            return b""

        await hub.answer("ask.*.>", never)
        assert await hub.confirm(60)
        waiting = asyncio.create_task(member.request("ask.un-a.ping", timeout=600))
        async with asyncio.timeout(60):
            await asked.wait()
        kill(network)
        with pytest.raises(Unknown, match="broke"):
            async with asyncio.timeout(60):
                await waiting
        assert member.unanswered == 0


async def test_subscriptions_and_answers_are_there_again_after_a_reconnection(tmp_path: Path) -> None:
    async with running_bus(tmp_path, "un-a") as network:
        hub, member = await network.hub(), await network.connect("un-a")
        heard: list[bytes] = []

        async def hear(incoming: Incoming) -> None:
            heard.append(incoming.body)

        async def answer(subject: str, payload: bytes, headers: object) -> bytes:
            return payload.upper()

        await hub.subscribe("heads.*", hear)
        await hub.answer("ask.*.>", answer)
        epochs = hub.epoch, member.epoch
        kill(network)
        await until(lambda: hub.epoch > epochs[0] and member.epoch > epochs[1])
        await member.publish("heads.un-a", b"again")
        assert await member.request("ask.un-a.ping", b"ping", timeout=60) == b"PING"
        await until(lambda: heard == [b"again"])


async def test_an_answerer_that_fails_says_so_and_goes_on(tmp_path: Path) -> None:
    async with running_bus(tmp_path, "un-a") as network:
        hub, member = await network.hub(), await network.connect("un-a")

        async def answer(subject: str, payload: bytes, headers: object) -> bytes:
            return b"%d" % (10 // int(payload))

        await hub.answer("ask.*.>", answer)
        assert await hub.confirm(60)
        with pytest.raises(BusRefused, match="the answerer failed"):
            await member.request("ask.un-a.x", b"0", timeout=60)
        assert await member.request("ask.un-a.x", b"5", timeout=60) == b"2"


async def test_more_questions_than_can_be_served_at_once_are_answered_as_busy(tmp_path: Path) -> None:
    async with running_bus(tmp_path, "un-a") as network:
        hub, member = await network.hub(), await network.connect("un-a")
        release = asyncio.Event()

        async def answer(subject: str, payload: bytes, headers: object) -> bytes:
            await release.wait()
            return b"done"

        await hub.answer("ask.*.>", answer, at_once=2)
        assert await hub.confirm(60)
        tasks = [asyncio.create_task(member.request("ask.un-a.x", timeout=60)) for _ in range(3)]
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        assert [str(task.exception()) for task in done] == ["the bus refused: busy: ask again later (code 503)"]
        release.set()
        assert [await task for task in tasks if task not in done] == [b"done", b"done"]


def test_what_is_sent_at_once_on_a_socket_that_just_closed_finds_the_bus_away(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with running_bus(tmp_path) as network:
            bus = await network.hub()
            assert bus._client is not None
            bus._client._transport._bare_io_writer.transport.abort()
            await asyncio.sleep(0)  # the loop closes it
            with pytest.raises(BusAway):
                bus.send_now("x", b"1")

    uvloop.run(scenario())


async def test_whoever_is_cancelled_while_answers_end_is_cancelled_and_the_connection_ends_all_the_same(
    tmp_path: Path,
) -> None:
    async with running_bus(tmp_path, "un-a") as network:
        hub, member = await network.hub(), await network.connect("un-a")
        slow = SlowToEnd()
        await hub.answer("ask.*.>", slow)
        assert await hub.confirm(60)
        asking = asyncio.create_task(member.request("ask.un-a.ping", timeout=60))
        await slow.is_cancelled_while_closing(hub)
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
