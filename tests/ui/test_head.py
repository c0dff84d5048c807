"""Tests of ui/head.py: HEAD tells what GET would, sends no content, and waits for no end that never comes."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from tests.node.serving import served
from ui.head import Head

ended: list[str] = []


async def endless() -> AsyncIterator[bytes]:
    try:
        yield b"the first part"
        await asyncio.Event().wait()
    finally:
        ended.append("endless")


async def silent() -> AsyncIterator[bytes]:
    try:
        await asyncio.Event().wait()
        yield b""
    finally:
        ended.append("silent")


def answer(request: Request) -> Response:
    match request.path_params["what"]:
        case "endless":
            return StreamingResponse(endless(), media_type="text/event-stream")
        case "silent":
            return StreamingResponse(silent())
        case "file":
            return FileResponse(__file__)
        case "nothing":
            return Response(status_code=204)
        case "broken":
            raise RuntimeError("broken")
        case _:
            return PlainTextResponse(f"{request.method} was asked", 404)


app = Head(Starlette(routes=[Route("/{what}", answer, methods=["GET", "POST"])]))


@pytest.mark.parametrize("what", ["text", "file", "nothing"])
def test_head_is_get_without_content(what: str) -> None:
    client = TestClient(app)
    asked, told = client.get(what), client.head(what)
    assert (told.status_code, told.headers, told.content) == (asked.status_code, asked.headers, b"")
    if what == "file":
        assert told.headers["content-length"] == str(Path(__file__).stat().st_size)


@pytest.mark.parametrize("what", ["endless", "silent"])
def test_of_a_stream_only_the_beginning_is_told_and_it_is_ended(what: str) -> None:
    ended.clear()
    with served(app) as address, httpx2.Client(base_url=address) as client:
        told = client.head(f"/{what}")
        assert (told.status_code, told.content) == (200, b"")
        # The connection goes on with the next question.
        assert client.get("/text").text == "GET was asked"
    assert ended == [what]


def test_other_methods_are_let_through_and_errors_are_not_swallowed() -> None:
    client = TestClient(app)
    assert client.post("/text").text == "POST was asked"
    with pytest.raises(RuntimeError, match="broken"):
        client.head("/broken")
    assert TestClient(app, raise_server_exceptions=False).head("/broken").status_code == 500
