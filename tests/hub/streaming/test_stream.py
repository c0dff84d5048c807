"""Tests of hub/streaming/stream.py: signs of life where nothing concerns a reader, and an end where he may not read."""

from hub.filters import Live
from hub.live import LiveLog, Question
from hub.reading import Reading
from hub.streaming.beginning import Beginning
from hub.streaming.stream import as_long_as_let_in
from hub.streaming.stream import stream as stream_of
from tests.hub.published import Published
from tests.signed_network import TRUST, need
from wire.registry import Registry


async def test_a_reader_whom_nothing_concerns_gets_signs_of_life_and_its_place(small_network: Published) -> None:
    small_network.publish("need", need(), id="n1")
    hub = Reading(small_network.engine, "exercise.example", TRUST.to_bytes(), Registry, small_network.tail)
    question = Question.of(Live(kind=["plan"]), ("TLP:CLEAR",))
    stream = stream_of(hub, LiveLog(hub.engine, hub.tail), Beginning(0), question, beat=0.01)
    assert b"id: -1\n" in await anext(stream)
    for _ in range(3):
        sign = await anext(stream)
        assert sign.startswith(b": as of ")
        assert sign.endswith(b"id: 2\n\n")
    small_network.tail.close()
    assert [part async for part in stream] == []


async def test_a_members_stream_ends_when_it_is_not_let_in_any_more(small_network: Published) -> None:
    small_network.publish("need", need(), id="n1")
    hub = Reading(small_network.engine, "exercise.example", TRUST.to_bytes(), Registry, small_network.tail)
    let_in = iter([True, False])
    question = Question.of(Live(kind=["plan"]), ("TLP:CLEAR",))
    endless = stream_of(hub, LiveLog(hub.engine, hub.tail), Beginning(0), question, beat=0.0)
    parts = [part async for part in as_long_as_let_in(endless, lambda: next(let_in), 0.0)]
    assert len(parts) == 1
    assert endless.ag_frame is None, "it is closed, not left to be collected"
    small_network.tail.close()
