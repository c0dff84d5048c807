"""Tests of node/api/once.py: with a key, work is done once, whoever asks again, whatever breaks off between."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import Request

from node.api.once import once
from node.node import Node
from node.refusal import Refusal
from node.store.answered import Answered, Key
from tests.node.nodes import make_node


@pytest.fixture(params=["sqlite", "postgresql"])
def node(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Node]:
    url = request.getfixturevalue("node_postgres_url") if request.param == "postgresql" else ""
    made = make_node(tmp_path / "node", url)
    yield made
    made.engine.dispose()


class Work:
    """Counts how often it is done; gives its number."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> list[Any]:
        self.times += 1
        return [self.times]


def request(key: str | None, path: str = "/x", query: str = "") -> Request:
    headers = [] if key is None else [(b"idempotency-key", key.encode())]
    scope = {"type": "http", "method": "POST", "path": path, "query_string": query.encode(), "headers": headers}
    asked = Request({**scope, "server": ("node", 80), "scheme": "http"})
    asked.state.token = b"t" * 32
    return asked


def reason_of(node: Node, asked: Request, body: bytes, work: Work) -> str:
    with pytest.raises(Refusal) as refused:
        once(node, asked, body, work)
    return refused.value.reason


def test_the_same_request_with_the_same_key_is_done_once(node: Node) -> None:
    work = Work()
    first = once(node, request("a"), b"body", work)
    again = once(node, request("a"), b"body", work)
    assert (first.done, first.again, first.headers) == ([1], False, {})
    assert (again.done, again.again, again.headers) == ([1], True, {"Idempotency-Replayed": "true"})
    assert once(node, request("b"), b"body", work).done == [2]
    assert once(node, request(None), b"body", work).done == [3]


def test_another_request_with_the_key_is_refused(node: Node) -> None:
    work = Work()
    once(node, request("a"), b"body", work)
    assert reason_of(node, request("a"), b"other", work) == "key-reused"
    assert reason_of(node, request("a", "/y"), b"body", work) == "key-reused"
    assert reason_of(node, request("a", query="name=b"), b"body", work) == "key-reused"
    assert work.times == 1


def test_what_fails_leaves_the_key_free(node: Node) -> None:
    def fail() -> list[Any]:
        raise Refusal("not-found", "It is not there.")

    with pytest.raises(Refusal, match="not there"):
        once(node, request("a"), b"", fail)
    assert once(node, request("a"), b"", Work()).done == [1]


def test_what_is_under_way_or_was_broken_off_is_not_done_a_second_time(node: Node) -> None:
    work = Work()

    def asked_meanwhile() -> list[Any]:
        assert reason_of(node, request("a"), b"", work) == "key-under-way"
        return ["first"]

    assert once(node, request("a"), b"", asked_meanwhile).done == ["first"]
    assert work.times == 0


def test_a_key_that_somebody_took_in_the_same_moment_is_under_way(node: Node) -> None:
    answered, key = Answered(node.engine), Key(b"t" * 32, b"k" * 32, b"r" * 32)
    assert answered.take(key, 0) is None
    answered.leave(key)
    assert answered.take(key, 0) is None
    answered.note(key, [7, "x"])
    assert answered.take(key, 1) == [7, "x"]
