"""Tests of wire/follow.py: nothing is missed or given twice, whatever happens to the connection or the reader."""

import threading
from collections.abc import Iterator
from functools import partial
from itertools import islice, repeat

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.demo.service import free_port
from hub.streaming.limits import LiveLimits
from tests.hub.published import Published, small_network, sqlite_engine
from tests.hub.serving import Served, api_of, served
from tests.signed_network import need
from tests.wire.lying_hub import EVENT, block, event, reset, streaming
from wire.client import HubAway, HubClient, HubRefused
from wire.follow import Block, Follower, HubWentBack, TooFarBehind, _ended, blocks

__all__ = ["small_network", "sqlite_engine"]


@pytest.fixture
def hub(small_network: Published) -> Iterator[Served]:
    for number in range(3):
        small_network.publish("need", need(f"Need {number}"), id=f"n{number}")
    with served(small_network) as server:
        yield server


def follower(hub: Served, after: int | None = None, **more: object) -> Follower:
    return Follower(HubClient(hub.address), {}, after, wait=lambda _seconds: None, **more)  # type: ignore[arg-type]


def test_events_come_from_the_kept_place_on(hub: Served) -> None:
    found = list(islice(follower(hub, 2).events(), 2))
    assert [(event.index, event.type) for event in found] == [
        (3, "liaison.need.published"),
        (4, "liaison.need.published"),
    ]
    assert found[0].read()["subject"] == "need/xa-centre/n1"


def test_a_hub_that_restarts_is_followed_on_without_loss_or_repetition(
    hub: Served,
    small_network: Published,
) -> None:
    said: list[str] = []
    events = follower(hub, -1, on_state=said.append).events()
    seen = [next(events).index for _ in range(5)]
    for number in range(3, 6):
        hub.stop()
        small_network.publish("need", need(f"While away {number}"), id=f"n{number}")
        hub.start()
        seen.append(next(events).index)
    assert seen == list(range(8))
    assert "Connected again; nothing was missed." in said


def test_what_happens_while_a_new_reader_is_cut_off_is_not_lost(
    hub: Served,
    small_network: Published,
) -> None:
    """A reader that began with what comes now knows its place from the first moment, before any event."""
    reader = follower(hub)

    def stop_once_connected() -> None:
        while reader.after is None:
            threading.Event().wait(0.01)
        hub.stop()

    stopper = threading.Thread(target=stop_once_connected)

    def wait(_seconds: float) -> None:
        stopper.join()
        if small_network.tail.size == 5:
            small_network.publish("need", need("While away"), id="n9")
            hub.start()

    reader._wait = wait
    stopper.start()
    assert next(reader.events()).index == 5


def test_a_log_that_is_shorter_than_what_was_read_is_told(hub: Served) -> None:
    with pytest.raises(HubWentBack, match=r"Index 40 was read .* whose last index is 4\.") as error:
        next(follower(hub, 40).events())
    assert "ask the hub's operator" in str(error.value)


def test_another_log_is_told_though_it_is_longer(hub: Served) -> None:
    with pytest.raises(HubWentBack, match=r"Index 2 is from the log exercise\.example/log\+0"):
        next(follower(hub, 2, log="exercise.example/log+00000000").events())
    reader = follower(hub, 2)
    next(reader.events())
    assert reader.log is not None
    assert next(follower(hub, 2, log=reader.log).events()).index == 3


def test_a_hub_that_does_not_go_back_so_far_is_told_with_what_to_do(small_network: Published) -> None:
    for number in range(3):
        small_network.publish("need", need(f"Need {number}"), id="n1", action="revised" if number else "published")
    limited = partial(api_of, live=LiveLimits(replay=2))
    with served(small_network, limited) as hub:
        with pytest.raises(TooFarBehind, match="liaison watch --snapshot"):
            next(follower(hub, 0).events())
        said: list[str] = []
        events = follower(hub, snapshot=True, on_state=said.append).events()
        assert next(events).index == 4
        small_network.publish("need", need("After"), id="n2")
        assert next(events).index == 5
    assert said == ["All records as they stand now have come; from here on comes what is new."]


@pytest.mark.parametrize("data", ["", "[]", '"x"', "{}", '{"reason":"too-old"}'])
def test_a_reset_that_says_nothing_is_not_a_hub_s(data: str) -> None:
    with pytest.raises(HubAway, match="does not say why"):
        _ended(data, 1)


class Enough(Exception):
    pass


def told_of(*stream: bytes) -> str:
    """What is said of a hub that sends this, when its reader gives up for the first time."""
    said: list[str] = []

    def wait(_seconds: float) -> None:
        raise Enough

    with streaming(*stream) as address, pytest.raises(Enough):
        list(Follower(HubClient(address), {}, None, said.append, wait).events())
    return said[0]


@pytest.mark.parametrize(
    "data",
    [
        b"notjson", b"{}", b"[]", b"5", b"\xff", orjson.dumps(EVENT | {"subject": "a"}),
        orjson.dumps(EVENT | {"subject": 5}), orjson.dumps(EVENT | {"time": None}), orjson.dumps(EVENT | {"type": []}),
    ],
)  # fmt: skip
def test_an_event_that_is_none_is_not_a_hub_s(data: bytes) -> None:
    assert told_of(block(data)).startswith("an event 3 that is none")


@pytest.mark.parametrize("index", [2**63, -2, "1_0", " 1", "+1", "٣", "9" * 5000, "x"])
def test_an_id_that_no_log_has_is_not_a_hub_s(index: object) -> None:
    assert told_of(event(index)).startswith("an event with the id")


def test_the_last_index_that_there_can_be_and_the_place_before_the_first_are_taken() -> None:
    with streaming(b"id: -1\n\n", event(2**63 - 1), reset()) as address:
        events = Follower(HubClient(address), {}).events()
        assert next(events).index == 2**63 - 1
        with pytest.raises(HubWentBack):
            next(events)


def test_a_question_that_is_refused_is_not_asked_again(hub: Served) -> None:
    reader = Follower(HubClient(hub.address), {"kind": ["nead"]}, wait=lambda _seconds: None)
    with pytest.raises(HubRefused, match="perhaps need was meant"):
        next(reader.events())


def test_pauses_grow_and_are_bounded() -> None:
    port = free_port()
    pauses: list[float] = []

    def wait(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 12:
            raise Enough

    said: list[str] = []
    reader = Follower(HubClient(f"http://127.0.0.1:{port}"), {}, 0, said.append, wait)
    with pytest.raises(Enough):
        next(reader.events())
    assert pauses[0] <= 0.5
    assert 15 <= pauses[-1] <= 30
    assert "does not answer" in said[0]


def test_blocks_are_read_as_the_standard_says() -> None:
    lines = [
        "retry: 3000", ": a comment", "id: 4", "",
        "id: 5", "event: kind", "data: one", "data: two", "",
        "data:three", "",
        "data: unfinished",
    ]  # fmt: skip
    assert list(blocks(lines)) == [
        Block("4", "message", None),
        Block("5", "kind", "one\ntwo"),
        Block(None, "message", "three"),
    ]


def test_a_stream_that_is_not_a_hubs_is_refused() -> None:
    with pytest.raises(HubAway, match="more than"):
        list(blocks(["data: " + "x" * 5_000_000, ""]))
    with pytest.raises(HubAway, match="more than"):
        list(blocks(repeat("data:", 5_000_000)))
    with pytest.raises(HubAway, match="more than"):
        list(blocks(repeat(":", 5_000_000)))


@given(st.lists(st.text(max_size=20), max_size=20))
def test_no_stream_breaks_the_reader(lines: list[str]) -> None:
    for each in blocks(lines):
        assert isinstance(each, Block)
