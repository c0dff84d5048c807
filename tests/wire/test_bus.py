"""The bus as nodes and hub use it, against a real server that also dies."""

import asyncio
import base64
import os
import signal
from pathlib import Path

import pytest

from tests.bus_fixture import EVENTS, BusNetwork, running_bus, until
from wire.bus import (
    MAX_BATCH,
    MESSAGE_ID,
    BatchRefused,
    Bus,
    BusAway,
    BusError,
    BusRefused,
    Incoming,
    NoResponder,
    Outgoing,
    StreamPlan,
    Unknown,
)


def events(first: int, count: int, org: str = "un-a") -> list[Outgoing]:
    return [
        Outgoing(f"events.{org}.need", f"{number}".encode(), {MESSAGE_ID: f"{org}:{number}"})
        for number in range(first, first + count)
    ]


async def publish_surely(bus: Bus, batch: list[Outgoing]) -> None:
    """What a node's relay does: the same messages again until they are known to be stored."""
    while True:
        try:
            await bus.publish_batch(batch, timeout=5)
        except BatchRefused as refused:
            if not refused.duplicate:
                raise
            await bus.publish_pipelined(batch)
        except (BusAway, Unknown, NoResponder):
            await bus.wait_connected(30)
            continue
        return


def kill(network: BusNetwork) -> None:
    assert network.server.pid is not None
    os.kill(network.server.pid, signal.SIGKILL)


def freeze(network: BusNetwork, *, frozen: bool) -> None:
    assert network.server.pid is not None
    os.kill(network.server.pid, signal.SIGSTOP if frozen else signal.SIGCONT)


async def test_a_batch_is_stored_whole_and_in_order(tmp_path: Path) -> None:
    async with running_bus(tmp_path, "un-a") as network:
        hub, member = await network.hub(), await network.connect("un-a")
        stored = await member.publish_batch(events(1, MAX_BATCH))
        assert (stored.stream, stored.seq, stored.duplicate) == ("EVENTS", MAX_BATCH, False)
        last = await hub.last_message("EVENTS")
        assert last is not None
        assert (last.body, last.stream_seq, last.header(MESSAGE_ID)) == (b"1000", MAX_BATCH, "un-a:1000")
        with pytest.raises(ValueError, match="1 to 1000"):
            await member.publish_batch(events(1, MAX_BATCH + 1))
        with pytest.raises(ValueError, match="1 to 1000"):
            await member.publish_batch([])


async def test_a_batch_with_a_duplicate_is_refused_whole_and_can_be_sent_one_by_one(tmp_path: Path) -> None:
    async with running_bus(tmp_path, "un-a") as network:
        hub, member = await network.hub(), await network.connect("un-a")
        await member.publish_batch(events(1, 3))
        with pytest.raises(BatchRefused) as refused:
            await member.publish_batch(events(2, 4))
        assert refused.value.duplicate
        assert (await hub.stream_state("EVENTS")).messages == 3
        answers = await member.publish_pipelined(events(2, 4), window=3)
        assert [answer.duplicate for answer in answers] == [True, True, False, False]
        assert (await hub.stream_state("EVENTS")).messages == 5
        assert member.unanswered == 0


async def test_a_batch_that_expects_another_last_sequence_is_refused(tmp_path: Path) -> None:
    async with running_bus(tmp_path) as network:
        hub = await network.hub()
        log = [Outgoing("log.clear.need.un-a", b"1"), Outgoing("log.clear.need.un-a", b"2")]
        assert (await hub.publish_batch(log, expected_last_seq=0)).seq == 2
        with pytest.raises(BatchRefused) as refused:
            await hub.publish_batch(log, expected_last_seq=0)
        assert refused.value.code == BatchRefused.WRONG_LAST
        assert (await hub.publish_batch(log, expected_last_seq=2)).seq == 4


async def test_a_full_stream_refuses_instead_of_forgetting(tmp_path: Path) -> None:
    async with running_bus(tmp_path) as network:
        hub = await network.connect("hub")
        await hub.ensure_stream(StreamPlan("SMALL", ("small",), max_msgs=2))
        await hub.publish_batch([Outgoing("small", b"1"), Outgoing("small", b"2")])
        with pytest.raises(BatchRefused):
            await hub.publish_batch([Outgoing("small", b"3")])
        with pytest.raises(BatchRefused):
            await hub.publish_pipelined([Outgoing("small", b"3")])
        assert (await hub.stream_state("SMALL")).messages == 2


async def test_streams_are_made_changed_read_and_purged(tmp_path: Path) -> None:
    async with running_bus(tmp_path) as network:
        hub = await network.connect("hub")
        made = await hub.ensure_stream(EVENTS)
        assert await hub.ensure_stream(EVENTS) == made
        assert await hub.last_message("EVENTS") is None
        await hub.publish_batch(events(1, 3) + events(1, 2, "un-b"))
        assert await hub.purge_through("EVENTS", 2) == 2
        state = await hub.stream_state("EVENTS")
        assert (state.first, state.last, state.messages, state.created) == (3, 5, 3, made.created)
        changed = StreamPlan("EVENTS", ("events.>", "more"), max_bytes=EVENTS.max_bytes)
        assert (await hub.ensure_stream(changed)).messages == 3
        found = await hub.last_message_for("EVENTS", "events.un-a.>")
        assert found is not None
        assert found.body == b"3"
        with pytest.raises(BusRefused, match="not found"):
            await hub.stream_state("NONE")


async def test_without_a_bus_nothing_is_sent_and_it_connects_when_the_bus_comes(tmp_path: Path) -> None:
    async with running_bus(tmp_path, "un-a") as network:
        await network.server.stop()
        states: list[bool] = []
        member = await Bus.connect(
            network.url, name="un-a", seed=network.seeds["un-a"], wait=None, on_state=lambda up, _: states.append(up)
        )
        network.connections.append(member)
        await until(lambda: states == [False])
        for attempt in (member.publish_batch(events(1, 2)), member.publish("a", b""), member.request("a", timeout=1)):
            with pytest.raises(BusAway, match="the bus is away"):
                await attempt
        assert not await member.confirm()
        await network.server.start(network.accounts())
        assert await member.wait_connected(10)
        assert states == [False, True]
        hub = await network.hub()
        assert (await hub.stream_state("EVENTS")).messages == 0


async def test_a_killed_server_tears_no_batch_loses_nothing_and_leaks_no_request(tmp_path: Path) -> None:
    async with running_bus(tmp_path, "un-a", "un-b") as network:
        hub = await network.hub()
        members = {org: await network.connect(org) for org in ("un-a", "un-b")}
        batches = {org: [events(1 + 50 * place, 50, org) for place in range(60)] for org in members}

        async def relay(org: str) -> None:
            for batch in batches[org]:
                await publish_surely(members[org], batch)

        async def kill_at(least: int) -> None:
            await until(lambda: more_than(hub, least))
            restarts = network.server.restarts
            kill(network)
            await until(lambda: network.server.restarts > restarts, 30)

        async def kill_twice() -> None:
            for least in (500, 2500):
                await kill_at(least)

        await asyncio.gather(*(relay(org) for org in members), kill_twice())
        assert network.server.restarts == 2
        await hub.wait_connected(10)
        assert (await hub.stream_state("EVENTS")).messages == 2 * 60 * 50
        stored = [await stored_at(hub, seq) for seq in range(1, 6001)]
        for org in members:
            assert [number for who, number in stored if who == org] == list(range(1, 3001))
        # Whole batches only: between two messages of one batch nothing else was stored.
        assert all(stored[place][0] == stored[place + 49][0] for place in range(0, 6000, 50))
        assert [bus.unanswered for bus in (hub, *members.values())] == [0, 0, 0]


async def more_than(hub: Bus, count: int) -> bool:
    try:
        return (await hub.stream_state("EVENTS")).messages > count
    except BusError:
        return False


async def stored_at(hub: Bus, seq: int) -> tuple[str, int]:
    found = (await hub.api("STREAM.MSG.GET.EVENTS", {"seq": seq}))["message"]
    return found["subject"].split(".")[1], int(base64.b64decode(found["data"]))


async def test_what_was_sent_but_not_answered_is_unknown_and_sent_again_it_is_stored_once(tmp_path: Path) -> None:
    async with running_bus(tmp_path, "un-a") as network:
        hub, member = await network.hub(), await network.connect("un-a")
        freeze(network, frozen=True)
        try:
            with pytest.raises(Unknown):
                await member.publish_batch(events(1, 20), timeout=0.3)
            with pytest.raises(Unknown):
                await member.publish_pipelined(events(21, 20), timeout=0.3)
        finally:
            freeze(network, frozen=False)
        assert member.unanswered == 0
        await until(lambda: more_than(hub, 39))  # the zombies: both arrived after all
        await publish_surely(member, events(1, 20))
        await publish_surely(member, events(21, 20))
        assert (await hub.stream_state("EVENTS")).messages == 40


async def test_a_request_under_way_when_the_server_dies_ends_as_unknown_at_once(tmp_path: Path) -> None:
    async with running_bus(tmp_path, "un-a") as network:
        hub, member = await network.hub(), await network.connect("un-a")
        asked = asyncio.Event()

        async def never(subject: str, payload: bytes, headers: object) -> bytes:
            asked.set()
            await asyncio.Event().wait()
            return b""

        await hub.answer("ask.*.>", never)
        await hub.confirm()
        waiting = asyncio.create_task(member.request("ask.un-a.ping", timeout=60))
        await asyncio.wait_for(asked.wait(), 10)
        kill(network)
        with pytest.raises(Unknown, match="broke"):
            await asyncio.wait_for(waiting, 10)
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
        await until(lambda: hub.epoch > epochs[0] and member.epoch > epochs[1], 30)
        await member.publish("heads.un-a", b"again")
        assert await member.request("ask.un-a.ping", b"ping", timeout=5) == b"PING"
        await until(lambda: heard == [b"again"])


async def test_an_answerer_that_fails_says_so_and_goes_on(tmp_path: Path) -> None:
    async with running_bus(tmp_path, "un-a") as network:
        hub, member = await network.hub(), await network.connect("un-a")

        async def answer(subject: str, payload: bytes, headers: object) -> bytes:
            return b"%d" % (10 // int(payload))

        await hub.answer("ask.*.>", answer)
        await hub.confirm()
        with pytest.raises(BusRefused, match="the answerer failed"):
            await member.request("ask.un-a.x", b"0", timeout=5)
        assert await member.request("ask.un-a.x", b"5", timeout=5) == b"2"


async def test_more_questions_than_can_be_served_at_once_are_answered_as_busy(tmp_path: Path) -> None:
    async with running_bus(tmp_path, "un-a") as network:
        hub, member = await network.hub(), await network.connect("un-a")
        release = asyncio.Event()

        async def answer(subject: str, payload: bytes, headers: object) -> bytes:
            await release.wait()
            return b"done"

        await hub.answer("ask.*.>", answer, at_once=2)
        await hub.confirm()
        tasks = [asyncio.create_task(member.request("ask.un-a.x", timeout=20)) for _ in range(3)]
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        assert [str(task.exception()) for task in done] == ["the bus refused: busy: ask again later (code 503)"]
        release.set()
        assert [await task for task in tasks if task not in done] == [b"done", b"done"]


async def test_a_subscriber_that_is_too_slow_is_told_what_it_lost_and_memory_stays_bounded(tmp_path: Path) -> None:
    async with running_bus(tmp_path, "un-a") as network:
        hub, member = await network.hub(), await network.connect("un-a")
        release, lost = asyncio.Event(), [0]
        heard: list[object] = []

        async def slow(incoming: object) -> None:
            await release.wait()
            heard.append(incoming)

        await member.subscribe("log.clear.>", slow, pending_messages=10, on_dropped=lost.append)
        await hub.publish_many([Outgoing("log.clear.need.x", b"%d" % number) for number in range(100)])
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


async def test_closing_leaves_no_task_behind(tmp_path: Path) -> None:
    async with running_bus(tmp_path, "un-a") as network:
        before = asyncio.all_tasks()
        hub = await network.hub()
        for number in range(3):
            member = await Bus.connect(network.url, name="un-a", seed=network.seeds["un-a"])
            await member.publish_batch(events(number, 1))
            await member.close()
            assert not member.connected
        await hub.close()
        await until(lambda: asyncio.all_tasks() <= before)
