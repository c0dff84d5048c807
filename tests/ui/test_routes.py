"""Tests of putting parts together: their addresses are answered and described as they are, once."""

from fastapi import APIRouter, FastAPI
from fastapi.testclient import TestClient

from ui.routes import put


def test_addresses_of_a_part_are_answered_and_described_after_those_that_were_there_before() -> None:
    app, part, inner = FastAPI(), APIRouter(prefix="/a", tags=["letters"]), APIRouter()
    app.get("/a/first")(lambda: "the application's")
    part.get("/first", operation_id="hidden")(lambda: "the part's")
    inner.get("/b")(lambda: "b")
    put(inner, part)
    put(part, app)
    client = TestClient(app)
    assert client.get("/a/first").json() == "the application's"
    assert client.get("/b").json() == "b"
    assert list(client.get("/openapi.json").json()["paths"]) == ["/a/first", "/b"]
    assert part.routes[0] in app.routes
