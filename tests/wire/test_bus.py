"""The bus as nodes and hub use it, against a real server that also dies."""

import asyncio
import base64
from pathlib import Path

import pytest

from tests.bus_fixture import EVENTS, events, kill, publish_surely, running_bus, until
from tests.halted import halted
from wire.bus import (
    MAX_BATCH,
    MESSAGE_ID,
    BatchRefused,
    Bus,
    BusError,
    BusRefused,
    Outgoing,
    StreamPlan,
    Unknown,
)


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
            await until(lambda: network.server.restarts > restarts, 120)

        async def kill_twice() -> None:
            for least in (500, 2500):
                await kill_at(least)

        await asyncio.gather(*(relay(org) for org in members), kill_twice())
        assert network.server.restarts == 2
        await hub.wait_connected(60)
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
        with halted(network.server.pid):
            with pytest.raises(Unknown):
                await member.publish_batch(events(1, 20), timeout=0.3)
            with pytest.raises(Unknown):
                await member.publish_pipelined(events(21, 20), timeout=0.3)
        assert member.unanswered == 0
        await until(lambda: more_than(hub, 39))  # the zombies: both arrived after all
        await publish_surely(member, events(1, 20))
        await publish_surely(member, events(21, 20))
        assert (await hub.stream_state("EVENTS")).messages == 40
