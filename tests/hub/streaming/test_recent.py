"""Tests of hub/streaming/recent.py: the newest events, older and newer pages without gap or double."""

import pytest

from hub import live
from hub.access import VISIBLE, Role
from hub.filters import Live
from hub.live import Question
from hub.streaming import recent
from hub.streaming.recent import Recent, recent_events
from tests.hub.published import Published
from tests.signed_network import contact, need

PUBLIC, MEMBER = VISIBLE[Role.PUBLIC], VISIBLE[Role.MEMBER]


def ask(
    network: Published,
    limit: int = 3,
    before: int | None = None,
    after: int | None = None,
    markings: tuple[str, ...] = PUBLIC,
    **asked: object,
) -> tuple[list[int], int | None, int | None]:
    question = Question.of(Live.model_validate(asked), markings)
    with network.engine.connect() as connection:
        found: Recent = recent_events(connection, question, network.tail.size, limit, before=before, after=after)
    return [event.index for event in found.events], found.before, found.after


def test_the_newest_come_first_and_pages_lead_to_all_others(network: Published) -> None:
    for number in range(6):
        network.publish("need", need(f"Need {number}"), id=f"n{number}")
    assert ask(network) == ([7, 6, 5], 5, None)
    assert ask(network, before=5) == ([4, 3, 2], 2, 4)
    assert ask(network, before=2) == ([1, 0], None, 1)
    assert ask(network, after=1) == ([4, 3, 2], 2, 4)
    assert ask(network, after=4) == ([7, 6, 5], 5, None)
    assert ask(network, after=7) == ([], 8, None)
    assert ask(network, limit=9, kind=["need"], place=["KEN"]) == ([7, 6, 5, 4, 3, 2], None, None)
    assert ask(network, before=99) == ask(network)


def test_what_a_reader_may_not_see_is_not_there(network: Published) -> None:
    network.publish("contact", contact(), marking="TLP:GREEN", id="c1")
    network.tell("fr-office", record=need("Harbour"), id="n1")
    assert ask(network, limit=9, kind=["contact", "need"])[0] == []
    assert ask(network, limit=9, kind=["contact", "need"], markings=MEMBER)[0] == [2]


def test_a_page_looks_through_a_bounded_part_of_the_log_and_leads_on(
    small_network: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (live, recent):
        monkeypatch.setattr(module, "BATCH", 2)
    monkeypatch.setattr(recent, "MOST_LOOKED_THROUGH", 4)
    small_network.publish("resource", id="r1")  # 2
    for number in range(6):
        small_network.publish("need", need(f"Need {number}"), id=f"n{number}")
    assert ask(small_network, kind=["resource"]) == ([], 5, None)
    assert ask(small_network, kind=["resource"], before=5) == ([2], 1, 2)
