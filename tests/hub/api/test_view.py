"""Tests of hub/api/view.py: the digest as anybody may ask for it, and what it costs those who are asked."""

import threading
from typing import Any

import pytest
from fastapi.testclient import TestClient

from hub.api import view as api_view
from hub.api.view import ServedView
from tests.hub.batches import commit
from tests.hub.plain_view import log_tokens, plain_digests, plain_root, plain_state, replayed
from tests.hub.published import Published
from tests.hub.serving import api_of
from tests.signed_network import contact, need
from wire.database import reading
from wire.encoding import b64url
from wire.view_digest import EMPTY_DIGEST

STATE = "/api/v1/view/state"


@pytest.fixture
def client(network: Published) -> TestClient:
    network.publish("need", need(), id="n1492", org="ke-nctc")
    network.publish("need", need(), id="n1", org="ke-nctc")
    network.publish("contact", contact(), marking="TLP:GREEN", id="c1", org="ke-nctc")
    network.publish("need", need(weight=1), id="bad", org="ke-nctc")
    network.withdraw("need", id="n1", org="ke-nctc")
    return TestClient(api_of(network))


def test_the_state_is_that_of_a_plain_replay(client: TestClient, network: Published) -> None:
    state = client.get(STATE).json()
    lines = replayed(network.engine)
    assert state.pop("as_of")
    assert state == {
        "size": network.writer.state.size,
        "root": b64url(plain_root(log_tokens(network.engine, network.writer.state.size))),
        "rows": 3,
        "state": b64url(plain_state(lines)),
        "buckets": [b64url(digest) for digest in plain_digests(lines)],
    }


def test_a_bucket_gives_its_lines_to_anybody_whatever_their_marking(client: TestClient, network: Published) -> None:
    lines, digests = replayed(network.engine), client.get(STATE).json()["buckets"]
    bucket = client.get(f"/api/v1/view/buckets/{0xFF9}").json()
    assert bucket.pop("as_of")
    assert bucket == {
        "bucket": 0xFF9,
        "size": network.writer.state.size,
        "digest": digests[0xFF9],
        "lines": [[name, b64url(lines[name])] for name in ("need/ke-nctc/n1", "need/ke-nctc/n1492")],
    }
    filled = [n for n in range(4096) if digests[n] != b64url(EMPTY_DIGEST)]
    there = [line for n in filled for line in client.get(f"/api/v1/view/buckets/{n}").json()["lines"]]
    assert {name: b64url(statement) for name, statement in lines.items()} == dict(there)


@pytest.mark.parametrize("number", ["4096", "-1", "01", "+1", "1.0", "x", "٣", "99999999999", "1 "])
def test_what_is_no_bucket_is_refused(small_network: Published, number: str) -> None:
    answer = TestClient(api_of(small_network)).get(f"/api/v1/view/buckets/{number}")
    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (404, "no-such-bucket")


@pytest.mark.parametrize("path", [STATE, "/api/v1/view/buckets/7"])
def test_there_is_nothing_to_choose(small_network: Published, path: str) -> None:
    answer = TestClient(api_of(small_network)).get(path, params={"size": 3})
    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (400, "invalid-parameters")
    assert "must be left out" in answer.json()["detail"]


def test_caches_may_keep_it_for_a_second_and_ask_whether_it_is_still_so(client: TestClient, network: Published) -> None:
    first = client.get(STATE)
    assert first.headers["cache-control"] == "public, max-age=1"
    tag = first.headers["etag"]
    same = client.get(STATE, headers={"If-None-Match": f'W/"0", {tag}'})
    assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", tag)
    network.publish("need", id="another")
    later = client.get(STATE, headers={"If-None-Match": tag})
    assert (later.status_code, later.json()["rows"]) == (200, 4)
    assert later.headers["etag"] != tag


def test_each_answer_is_of_one_moment_while_the_intake_writes(network: Published) -> None:
    ours = network.admit("ke-nctc")
    said = [ours.say(id=f"n{number % 7}", action="confirmed") for number in range(60)]
    commit(network.writer, *(ours.say(id=f"m{number}") for number in range(30)))
    network.announce(network.writer.state.size)
    view = ServedView(reading(network.engine), lambda: "now")
    answers: list[dict[str, Any]] = []
    done, answered = threading.Event(), threading.Event()

    def ask() -> None:
        import orjson

        while not done.is_set():
            answers.append(orjson.loads(view.state(2**60)[1]))
            answered.set()

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        assert answered.wait(60)
        for start in range(0, len(said), 4):
            commit(network.writer, *said[start : start + 4])
    finally:
        done.set()
        asking.join(30)
    for answer in {each["size"]: each for each in answers}.values():
        assert answer["state"] == b64url(plain_state(replayed(network.engine, answer["size"])))
        assert answer["root"] == b64url(plain_root(log_tokens(network.engine, answer["size"])))


def test_what_was_dear_is_answered_again_for_a_while_and_says_its_size(
    small_network: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever asks without end, while events come, costs at most a tenth of a core."""
    small_network.publish("need", id="a")
    now = [0.0]
    view = ServedView(reading(small_network.engine), lambda: "now", clock=lambda: now[0])
    monkeypatch.setattr(api_view, "_SMALL", 10)
    tags = [view.state(small_network.tail.size)[0]]
    for name in ("b", "c", "d"):
        small_network.publish("need", id=name)
        tags.append(view.state(small_network.tail.size)[0])
    assert tags[0] != tags[1], "the first answer is dear for once only"
    assert tags[1] == tags[2] == tags[3]
    now[0] += 1
    assert view.state(small_network.tail.size)[0] != tags[3]
