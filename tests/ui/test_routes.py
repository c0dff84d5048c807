"""Tests of addresses: each is built when it is asked for; parts put together are answered and described as they are."""

from typing import Annotated

import pytest
from fastapi import FastAPI, Query
from fastapi.exceptions import FastAPIError
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from starlette.responses import Response

from ui.routes import Routes, put


def test_addresses_of_a_part_are_answered_and_described_after_those_that_were_there_before() -> None:
    app, part, inner = FastAPI(), Routes(prefix="/a", tags=["letters"]), Routes()
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


def test_an_address_is_built_when_it_is_first_asked_for_and_not_before() -> None:
    app, part = FastAPI(), Routes()
    part.get("/good/{number:int}")(lambda number: number)
    part.get("/unreadable")(_of_what_cannot_be_read)
    put(part, app)
    client = TestClient(app)
    assert client.get("/good/7").json() == 7
    assert app.url_path_for("<lambda>", number=7) == "/good/7"
    with pytest.raises(FastAPIError):
        client.get("/unreadable")


def test_an_address_that_is_not_built_yet_refuses_other_methods_and_checks_what_it_is_given() -> None:
    app, part = FastAPI(), Routes()
    part.post("/made")(lambda: "made")
    part.get("/few")(_few)
    put(part, app)
    client = TestClient(app)
    refused = client.get("/made")
    assert (refused.status_code, refused.headers["Allow"]) == (405, "POST")
    assert client.get("/few?limit=9").status_code == 422
    assert client.get("/few?limit=3").json() == 3


def test_what_is_set_on_a_route_stays_whenever_it_is_built() -> None:
    part = Routes()
    part.get("/hidden")(lambda: "hidden")
    [route] = part.routes
    assert isinstance(route, APIRoute)
    route.include_in_schema = False
    assert route.dependant.call == route.endpoint
    route.operation_id = "mine"
    assert not hasattr(route, "nothing")
    assert (route.include_in_schema, route.operation_id) == (False, "mine")


def _few(limit: Annotated[int, Query(le=5)]) -> int:
    return limit


def _of_what_cannot_be_read(given: Response | int) -> None:
    raise AssertionError
