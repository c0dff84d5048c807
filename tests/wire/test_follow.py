"""Tests of wire/follow.py: nothing is missed or given twice, whatever happens to the connection or the reader."""

import socket
import threading
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.hub.published import Published, small_network, sqlite_engine
from tests.hub.serving import Served, served
from tests.signed_network import need
from wire.client import HubAway, HubClient, HubRefused
from wire.follow import BadCursor, Block, CursorFile, Follower, HubWentBack, blocks

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
    with pytest.raises(HubWentBack, match=r"has 5 entries, but index 40 was read") as error:
        next(follower(hub, 40).events())
    assert "ask the hub's operator" in str(error.value)


def test_a_question_that_is_refused_is_not_asked_again(hub: Served) -> None:
    reader = Follower(HubClient(hub.address), {"kind": ["nead"]}, wait=lambda _seconds: None)
    with pytest.raises(HubRefused, match="perhaps need was meant"):
        next(reader.events())


def test_pauses_grow_and_are_bounded() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    pauses: list[float] = []

    class Enough(Exception):
        pass

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


@given(st.lists(st.text(max_size=20), max_size=20))
def test_no_stream_breaks_the_reader(lines: list[str]) -> None:
    for block in blocks(lines):
        assert isinstance(block, Block)


def test_a_cursor_file_keeps_the_place_for_one_hub(tmp_path: Path) -> None:
    kept = CursorFile(tmp_path / "place.json", "http://one.example")
    assert kept.read() is None
    kept.write(41)
    kept.write(42)
    assert CursorFile(tmp_path / "place.json", "http://one.example").read() == 42
    assert [path.name for path in tmp_path.iterdir()] == ["place.json"]
    with pytest.raises(BadCursor, match=r"belongs to http://one\.example"):
        CursorFile(tmp_path / "place.json", "http://two.example").read()


@pytest.mark.parametrize(
    "content", ["", "[]", '{"hub":"http://one.example"}', '{"hub":"http://one.example","after":"x"}']
)
def test_any_other_file_is_no_cursor(tmp_path: Path, content: str) -> None:
    path = tmp_path / "place.json"
    path.write_text(content)
    with pytest.raises(BadCursor, match=r"place\.json"):
        CursorFile(path, "http://one.example").read()
