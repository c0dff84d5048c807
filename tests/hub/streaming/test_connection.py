"""Tests of hub/streaming/connection.py: an application can break off its connection."""

from starlette.types import Receive, Scope, Send

from hub.streaming.connection import abort_of
from tests.hub.published import Published
from tests.hub.serving import served
from tests.hub.streaming.test_event_stream import connect


def test_an_application_breaks_off_its_connection_at_once(small_network: Published) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        abort = abort_of(scope)
        assert abort is not None
        abort()
        while (await receive())["type"] != "http.disconnect":
            pass

    with served(small_network, lambda _: app) as hub, connect(hub.address) as reader:
        assert not b"".join(iter(lambda: reader.recv(65536), b"")).endswith(b"0\r\n\r\n")


def test_a_server_without_that_has_nothing_to_call() -> None:
    assert abort_of({"type": "http"}) is None
