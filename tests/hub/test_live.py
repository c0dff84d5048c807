"""Tests of hub/live.py: all readers see the same events, near the end and far behind, in bounded memory."""

import asyncio

import pytest

from hub import live
from hub.access import VISIBLE, Role
from hub.filters import Live
from hub.live import LiveLog, Question
from hub.tail import Tail
from tests.hub.published import Published, example
from tests.signed_network import contact, need

PUBLIC = VISIBLE[Role.PUBLIC]
MEMBER = VISIBLE[Role.MEMBER]


def fill(network: Published, count: int) -> None:
    for number in range(count):
        network.publish("need", need(f"Need {number}"), id=f"n{number}")


async def read_all(
    log: LiveLog, tail: Tail, start: int = 0, markings: tuple[str, ...] = PUBLIC, **asked: object
) -> list[int]:
    position, seen = start, []
    question = Question.of(Live.model_validate(asked), markings)
    while position < tail.size:
        found, following = await log.read(position, question)
        assert following > position, "a reader that does not go on"
        seen += [event.index for event in found]
        position = following
    return seen


async def test_a_reader_far_behind_and_one_near_the_end_see_the_same(
    network: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "BATCH", 4)
    monkeypatch.setattr(live, "SPAN", 7)
    fill(network, 20)
    log = LiveLog(network.engine, network.tail)
    size = network.tail.size
    everything = list(range(size))
    assert await read_all(log, network.tail) == everything
    for start in range(size):
        assert await read_all(log, network.tail, start) == everything[start:]
    fresh = LiveLog(network.engine, network.tail)
    assert await read_all(fresh, network.tail, size - 2) == everything[-2:]
    assert await read_all(fresh, network.tail) == everything


async def test_what_is_kept_is_bounded(network: Published, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "MAX_KEPT", 5)
    log = LiveLog(network.engine, network.tail)
    for number in range(12):
        network.publish("need", need(f"Need {number}"), id=f"n{number}")
        start = network.tail.size - 1
        assert await read_all(log, network.tail, start) == [start]
    assert len(log._kept) == 5
    monkeypatch.setattr(live, "MAX_KEPT_BYTES", 1)
    network.publish("need", need("Last"), id="last")
    await read_all(log, network.tail, network.tail.size - 1)
    assert len(log._kept) == 1
    assert await read_all(log, network.tail) == list(range(network.tail.size))


async def test_many_readers_of_a_burst_cost_one_question_for_each_part_and_each_event_is_written_once(
    network: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "BATCH", 4)
    fill(network, 12)
    log, asked, written = LiveLog(network.engine, network.tail), 0, 0
    look_up, cloudevent = log._look_up, live.cloudevent

    def counted(*arguments: object) -> live.Answer:
        nonlocal asked
        asked += 1
        return look_up(*arguments)  # type: ignore[arg-type]

    def counting(*arguments: object) -> bytes:
        nonlocal written
        written += 1
        return cloudevent(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(log, "_look_up", counted)
    monkeypatch.setattr(live, "cloudevent", counting)
    start, size = network.tail.size - 12, network.tail.size

    async def text(**asked: object) -> bytes:
        position, got, question = start, b"", Question.of(Live.model_validate(asked), PUBLIC)
        while position < size:
            found, position = await log.read(position, question)
            got += b"".join(event.block for event in found)
        return got

    seen = await asyncio.gather(*(text() for _ in range(20)), *(text(place=["KEN"]) for _ in range(20)))
    assert len(set(seen)) == 1
    assert seen[0].count(b"\nevent: liaison.need.published\n") == 12
    assert (asked, written) == (3, 12)


async def test_long_bodies_come_in_small_parts(network: Published, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a slow reader keeps in memory is one part."""
    monkeypatch.setattr(live, "PART_BYTES", 1_000)
    for number in range(4):
        network.publish("need", need("x" * 300), id=f"n{number}")
    log, everything = LiveLog(network.engine, network.tail), Question.of(Live(), PUBLIC)
    start = network.tail.size - 4
    for _ in ("read from the database", "kept"):
        found, following = await log.read(start, everything)
        assert (len(found), following) == (1, start + 1)
    assert await read_all(log, network.tail) == list(range(network.tail.size))


async def test_memory_shows_no_more_than_a_reader_may_see(network: Published) -> None:
    log = LiveLog(network.engine, network.tail)
    network.publish("contact", contact(), marking="TLP:GREEN", id="c1")
    last = network.tail.size - 1
    assert await read_all(log, network.tail, last, MEMBER) == [last]
    assert await read_all(log, network.tail, last, PUBLIC) == []


async def test_a_withdrawal_is_about_what_the_withdrawn_record_was_about(network: Published) -> None:
    network.publish("offer", example("offer"), id="o1")
    index = network.withdraw("offer", id="o1")
    log = LiveLog(network.engine, network.tail)
    assert await read_all(log, network.tail, index, place=["XAA"]) == [index]
    assert await read_all(log, network.tail, index, place=["KEN"]) == []


async def test_contacts_come_by_role_language_and_whether_they_answer_at_night(network: Published) -> None:
    index = network.publish("contact", example("contact", visibility="public"), marking="TLP:CLEAR", id="c1")
    log = LiveLog(network.engine, network.tail)
    for asked, found in (
        ({"role": ["duty_officer_24x7"]}, [index]), ({"role": ["general"]}, []), ({"language": ["ar"]}, [index]),
        ({"language": ["zh"]}, []), ({"available_24x7": True, "place": ["XAA"]}, [index]),
    ):  # fmt: skip
        assert await read_all(log, network.tail, index, **asked) == found


async def test_a_filter_that_nothing_passes_still_goes_on(network: Published, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "SPAN", 3)
    monkeypatch.setattr(live, "BATCH", 2)
    fill(network, 10)
    log = LiveLog(network.engine, network.tail)
    assert await read_all(log, network.tail, kind=["plan"]) == []
    assert await read_all(log, network.tail, org=["hub"]) == []


async def test_a_filter_does_not_tell_what_a_withdrawn_record_was_about_to_those_who_might_not_see_it(
    network: Published,
) -> None:
    """The withdrawal is public, and the record was not: a place that finds the one would tell about the other."""
    network.publish("offer", example("offer"), id="o1", marking="TLP:GREEN")
    index = network.withdraw("offer", id="o1", marking="TLP:CLEAR")
    log = LiveLog(network.engine, network.tail)
    for asked in ({"place": ["XAA"]}, {"place": ["KEN"]}, {"q": "training"}, {"theme": ["2.10"]}):
        assert await read_all(log, network.tail, index, **asked) == []
    assert await read_all(log, network.tail, index) == [index]
    assert await read_all(log, network.tail, index, MEMBER, place=["XAA"]) == [index]


async def test_what_is_encrypted_is_in_no_stream_under_any_filter(network: Published) -> None:
    network.tell("fr-office", record=need("Harbour"), id="n1")
    network.tell("fr-office", id="n1", action="withdrawn")
    network.tell("fr-office", record=need("Harbour"), id="n2", marking="TLP:AMBER+STRICT")
    log = LiveLog(network.engine, network.tail)
    asked: tuple[dict[str, object], ...] = ({}, {"kind": ["need"]}, {"q": "harbour"}, {"place": ["KEN"]})
    for filters in asked:
        seen = await read_all(log, network.tail, 0, MEMBER, **filters)
        assert all(index not in seen for index in range(network.tail.size - 3, network.tail.size))
