"""Tests of the guard: a body that is too long is refused, and its sender reads that."""

import asyncio
from collections.abc import Iterator

import httpx2
from starlette.testclient import TestClient
from starlette.types import Message, Receive, Scope, Send

from node.api.guard import MAX_BODY, MAX_DRAINED, Guard
from node.node import Node
from node.pages.desk import Role
from tests.node.pages.asked import BROWSER, api_of
from tests.node.pages.conftest import node
from tests.node.serving import served

__all__ = ["node"]
CHUNK = b"x" * 64_000


def test_a_browser_that_sends_too_much_is_shown_the_page_that_says_so(node: Node) -> None:
    def sent() -> Iterator[bytes]:
        for _ in range(60):
            yield CHUNK

    form = BROWSER | {"Content-Type": "application/x-www-form-urlencoded"}
    with served(api_of(node, *Role)) as address:
        got = httpx2.post(f"{address}/en/drafts", content=sent(), headers=form, timeout=60)
    assert (got.status_code, "<h1>This is too much at once</h1>" in got.text) == (413, True)


def test_a_redirect_names_no_host(node: Node) -> None:
    with TestClient(api_of(node, *Role), base_url="http://evil.example", follow_redirects=False) as browser:
        found = browser.get("/fr/records/?kind=need")
    assert (found.status_code, found.headers["location"]) == (307, "/fr/records?kind=need")


def test_what_is_far_too_much_is_not_read_to_its_end() -> None:
    async def reads(_scope: Scope, receive: Receive, _send: Send) -> None:
        while (await receive())["more_body"]:
            pass

    read, answers = [], list[Message]()

    async def receive() -> Message:
        read.append(len(CHUNK))
        return {"type": "http.request", "body": CHUNK, "more_body": True}

    async def send(message: Message) -> None:
        answers.append(message)

    scope = {"type": "http", "path": "/api/v1/records", "method": "POST", "headers": []}
    asyncio.run(Guard(reads)(scope, receive, send))
    assert answers[0]["status"] == 413
    assert MAX_DRAINED < sum(read) <= MAX_BODY + MAX_DRAINED + len(CHUNK)
