"""Tests of hub/api/events.py: what a live reader gets, from where, and how it ends."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from itertools import islice

import httpx2
import orjson
import pytest

from hub.access import create_token
from hub.streaming.limits import LiveLimits
from tests.hub.published import Published
from tests.hub.serving import Served, api_of, served
from tests.signed_network import TRUST, contact, need
from wire.follow import Block, blocks


@pytest.fixture
def hub(small_network: Published) -> Iterator[Served]:
    small_network.publish("need", need("First"), id="n1")
    with served(small_network) as server:
        yield server


@contextmanager
def stream(hub: Served, query: str = "", **headers: str) -> Iterator[Iterator[Block]]:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    with httpx2.stream("GET", f"{hub.address}/api/v1/events{query}", headers=names, timeout=60) as answer:
        assert answer.status_code == 200, answer.read()
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["x-accel-buffering"] == "no"
        yield blocks(answer.iter_lines())


def take(found: Iterator[Block], count: int) -> list[Block]:
    return list(islice((block for block in found if block.data is not None), count))


def test_the_whole_log_comes_in_order_with_its_index_as_id(hub: Served) -> None:
    with stream(hub, "?after=-1") as found:
        got = take(found, 3)
    assert [block.id for block in got] == ["0", "1", "2"]
    types = ["liaison.organization.admitted", "liaison.organization.admitted", "liaison.need.published"]
    assert [block.type for block in got] == types
    assert '"First"' in str(got[2].data)


def test_without_a_place_to_begin_comes_what_happens_from_now_on(hub: Served, small_network: Published) -> None:
    with stream(hub) as found:
        assert next(found) == Block("2", "message", None)
        small_network.publish("need", need("Second"), id="n2")
        [block] = take(found, 1)
    assert (block.id, block.type) == ("3", "liaison.need.published")


def test_what_a_reader_had_last_wins_over_the_address(hub: Served) -> None:
    with stream(hub, "?after=-1", Last_Event_ID="1") as found:
        [block] = take(found, 1)
    assert block.id == "2"


def test_many_events_come_once_each_and_in_order_while_they_are_published(
    hub: Served, small_network: Published
) -> None:
    def publish() -> None:
        for number in range(200):
            small_network.publish("need", need(f"Need {number}"), id=f"many-{number}")

    publisher = threading.Thread(target=publish)
    with stream(hub, "?after=2") as found, stream(hub, "?after=2&kind=need") as also:
        publisher.start()
        assert [block.id for block in take(found, 200)] == [str(index) for index in range(3, 203)]
        assert [block.id for block in take(also, 200)] == [str(index) for index in range(3, 203)]
    publisher.join()


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("&kind=need", ["2", "6"]),
        ("&kind=control&org=registry", ["0", "1", "4"]),
        ("&org=other-office", ["5", "7"]),
        ("&place=KEN", ["2"]),
        ("&place=014", ["2", "5"]),
        ("&theme=who_jee:P.1&theme=2.10", ["2", "5", "6"]),
        ("&theme=fatf:2.10", []),
        ("&q=reader&kind=need", ["2"]),
        ("&status=withdrawn", ["7"]),
        ("&status=acknowledged", ["2", "6"]),
        ("&place=XAA&kind=need&kind=offer", ["5", "6", "7"]),
    ],
)
def test_filters_choose_events(hub: Served, small_network: Published, query: str, ids: list[str]) -> None:
    small_network.publish("contact", contact(), marking="TLP:GREEN")  # 3
    small_network.admit("other-office")  # 4
    small_network.publish("offer", org="other-office", id="o1")  # 5
    small_network.publish("need", need("Gates", beneficiary={"country": "XAA"}), id="n6")  # 6
    small_network.withdraw("offer", org="other-office", id="o1")  # 7
    small_network.publish("resource", id="last")  # 8: tells that all before has been sent
    with stream(hub, f"?after=-1{query}") as found:
        wanted = take(found, len(ids))
    assert [block.id for block in wanted] == ids


def test_members_see_green_and_everybody_else_does_not(hub: Served, small_network: Published) -> None:
    small_network.publish("contact", contact(), marking="TLP:GREEN", id="c1")
    small_network.publish("resource", id="open")
    token = create_token(small_network.engine, "member", "reader")
    with stream(hub, "?after=2", Authorization=f"Bearer {token}") as found:
        assert [block.type for block in take(found, 2)] == ["liaison.contact.published", "liaison.resource.published"]
    with stream(hub, "?after=2") as found:
        [block] = take(found, 1)
    assert (block.id, block.type) == ("4", "liaison.resource.published")


def test_what_was_left_out_of_the_view_comes_without_its_body(hub: Served, small_network: Published) -> None:
    small_network.publish("need", need("Not for all", consent_to_publish=False), id="n9")
    with stream(hub, "?after=2") as found:
        event, statement = take(found, 2)
    assert '"data"' not in str(event.data)
    assert "Not for all" not in str(event.data)
    assert statement.type == "liaison.body.excluded"


@pytest.mark.parametrize(
    ("query", "headers", "status", "name"),
    [
        ("", {"Last-Event-ID": "x"}, 400, "invalid-cursor"),
        ("", {"Last-Event-ID": "1_0"}, 400, "invalid-cursor"),
        ("", {"Last-Event-ID": "+1"}, 400, "invalid-cursor"),
        ("", {"Last-Event-ID": "-2"}, 400, "invalid-cursor"),
        ("?after=-2", {}, 400, "invalid-parameters"),
        ("?limit=3", {}, 400, "invalid-parameters"),
        ("", {"Authorization": "Bearer nobody-knows-it"}, 401, "unknown-token"),
    ],
)
def test_a_question_that_cannot_be_answered_is_refused_by_name(
    hub: Served, query: str, headers: dict[str, str], status: int, name: str
) -> None:
    answer = httpx2.get(f"{hub.address}/api/v1/events{query}", headers=headers, timeout=60)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"].endswith(f"/problems/{name}")


def resets(hub: Served, query: str = "", **headers: str) -> dict[str, object]:
    """What a stream says that is nothing but a reset."""
    with stream(hub, query, **headers) as found:
        [block] = list(found)
    assert (block.id, block.type) == (None, "reset")
    document: dict[str, object] = orjson.loads(str(block.data))
    return document


def test_a_place_that_this_log_does_not_have_is_a_reset_and_the_end_of_the_stream(hub: Served) -> None:
    for found in (resets(hub, "?after=3"), resets(hub, Last_Event_ID="77"), resets(hub, "?after=1&log=other")):
        assert found["log_size"] == 3
    assert found["reason"] == "another-log"


def test_a_place_too_far_back_is_a_reset_that_leads_to_a_snapshot(small_network: Published) -> None:
    for number in range(5):
        small_network.publish("need", need(f"Need {number}"), id="n1", action="revised" if number else "published")
    with served(small_network, partial(api_of, live=LiveLimits(replay=2))) as hub:
        found = resets(hub, "?after=3&kind=need")
        assert (found["reason"], found["first"]) == ("too-old", 5)
        with httpx2.stream("GET", f"{hub.address}{found['snapshot']}", timeout=60) as answer:
            [only, live] = take(blocks(answer.iter_lines()), 2)
        with stream(hub, "?after=4") as going_on:
            assert [block.id for block in take(going_on, 2)] == ["5", "6"]
    assert (only.id, only.type, '"Need 4"' in str(only.data)) == ("6", "liaison.need.revised", True)
    assert (live.id, live.type) == ("6", "live")


def test_a_newcomer_gets_all_records_as_they_stand_then_what_is_said_without_gap_or_double(
    hub: Served, small_network: Published
) -> None:
    small_network.publish("need", need("Second"), id="n2")  # 3
    small_network.publish("need", need("First again"), id="n1", action="revised")  # 4
    small_network.publish("resource", id="other")  # 5
    with stream(hub, "?snapshot=true&kind=need") as found:
        got = take(found, 3)
        small_network.publish("need", need("Second again"), id="n2", action="revised")  # 6
        small_network.withdraw("need", id="n1")  # 7
        got += take(found, 2)
    assert [(block.id, block.type) for block in got] == [
        ("3", "liaison.need.published"), ("4", "liaison.need.revised"), ("5", "live"),
        ("6", "liaison.need.revised"), ("7", "liaison.need.withdrawn"),
    ]  # fmt: skip
    told = orjson.loads(str(got[2].data))
    assert (told["after"], told["log"]) == (5, TRUST.log_verifier.name + "+" + told["log"].rpartition("+")[2])
    # Cut off within the snapshot, a reader goes on in the log, from where it was, and is told when it has come up.
    with stream(hub, "?snapshot=true&kind=need", Last_Event_ID="3") as found:
        assert [block.id for block in take(found, 4)] == ["4", "6", "7", "7"]


def test_a_stream_begins_at_one_place_only(hub: Served) -> None:
    answer = httpx2.get(f"{hub.address}/api/v1/events?snapshot=true&after=2", timeout=60)
    assert answer.json()["errors"][0]["pointer"] == "/after"


@pytest.mark.parametrize(
    ("limits", "status"), [(LiveLimits(per_address=1), 429), (LiveLimits(readers=1, per_address=0), 503)]
)
def test_one_address_cannot_take_all_places_and_nobody_waits_for_one_that_is_full(
    small_network: Published, limits: LiveLimits, status: int
) -> None:
    small_network.admit("xa-centre")
    with served(small_network, partial(api_of, live=limits)) as hub, stream(hub) as found:
        next(found)
        refused = httpx2.get(f"{hub.address}/api/v1/events", timeout=60)
        assert (refused.status_code, refused.headers["retry-after"]) == (status, "30")
        assert refused.headers["content-type"] == "application/problem+json"
        metrics = httpx2.get(f"{hub.address}/metrics", timeout=60).text
        assert re.search(r"^liaison_hub_live_readers 1\.0$", metrics, re.MULTILINE)


def test_streams_end_cleanly_when_the_hub_stops(hub: Served) -> None:
    with stream(hub) as found:
        assert next(found).id == "2"
        hub.stop()
        assert list(found) == []
