"""Tests of hub/streaming/snapshot.py: all records as they stand, once each, then what is said from then on."""

import pytest

from hub import live
from hub.access import VISIBLE, Role
from hub.filters import Live
from hub.live import Question
from hub.streaming import snapshot
from hub.streaming.snapshot import current_events
from tests.hub.published import Published, example
from tests.signed_network import contact, need

PUBLIC, MEMBER = VISIBLE[Role.PUBLIC], VISIBLE[Role.MEMBER]


async def read(network: Published, markings: tuple[str, ...] = PUBLIC, **asked: object) -> list[int]:
    question = Question.of(Live.model_validate({"snapshot": True, **asked}), markings)
    return [event.index async for part in current_events(network.engine, network.tail.size, question) for event in part]


async def test_a_snapshot_has_what_is_said_now_of_every_record(network: Published) -> None:
    network.publish("need", need("First"), id="n1")
    network.publish("offer", example("offer"), id="gone")
    revised = network.publish("need", need("Second"), id="n1", action="revised")
    other = network.publish("need", need("Other", beneficiary={"country": "XAA"}), id="n2")
    green = network.publish("contact", contact(), marking="TLP:GREEN", id="c1")
    withdrawn = network.withdraw("offer", id="gone")
    network.publish("need", need(consent_to_publish=False), id="n1", action="revised")  # left out: the last one stays
    confirmed = network.publish("need", need("Other"), id="n2", action="confirmed")
    assert await read(network) == [revised, confirmed]
    assert await read(network, MEMBER) == [revised, green, confirmed]
    assert other not in await read(network, MEMBER)
    assert await read(network, place=["KEN"]) == [revised, confirmed]
    assert await read(network, kind=["contact"]) == []
    assert await read(network, status=["withdrawn"]) == [withdrawn]


async def test_a_withdrawal_under_a_narrower_marking_is_not_told(network: Published) -> None:
    network.publish("offer", example("offer"), id="o1")
    index = network.withdraw("offer", id="o1", marking="TLP:GREEN")
    assert await read(network, status=["withdrawn"]) == []
    assert await read(network, MEMBER, status=["withdrawn"]) == [index]


async def test_a_record_said_anew_meanwhile_comes_after_the_snapshot_and_not_in_it(
    small_network: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot, "BATCH", 2)
    for number in range(6):
        small_network.publish("need", need(f"Need {number}"), id=f"n{number}")
    size = small_network.tail.size
    question = Question.of(Live(snapshot=True), PUBLIC)
    parts = current_events(small_network.engine, size, question)
    seen = [event.index for event in await anext(parts)]
    small_network.publish("need", need("Anew"), id="n0", action="revised")
    small_network.publish("need", need("Anew"), id="n4", action="revised")
    seen += [event.index async for part in parts for event in part]
    assert seen == [size - 6, size - 5, size - 4, size - 3, size - 1]


async def test_long_bodies_come_in_small_parts(small_network: Published, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshot, "PART_BYTES", 1000)
    for number in range(4):
        small_network.publish("need", need("x" * 300), id=f"n{number}")
    question = Question.of(Live(snapshot=True), PUBLIC)
    parts = [len(part) async for part in current_events(small_network.engine, small_network.tail.size, question)]
    assert sum(parts) == 4
    assert max(parts) <= 2
    assert live.PART_BYTES > 1000
