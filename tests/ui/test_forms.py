"""Tests of ui/forms: what is read of a form, what is refused, and where a form may send its reader."""

import pytest
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient
from starlette.responses import JSONResponse, Response

from ui.forms import MAX_BYTES, MAX_FIELDS, NoForm, place_here, read_form

app = FastAPI()
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@app.post("/")
async def echo(request: Request) -> Response:
    try:
        return JSONResponse(await read_form(request))
    except NoForm as error:
        return JSONResponse(error.reason, error.status)


client = TestClient(app)


def test_fields_come_in_their_order_and_as_often_as_they_were_sent() -> None:
    got = client.post("/", content="b=1&a=%C3%A9+x&b=2&empty=", headers=FORM).json()
    assert got == [["b", "1"], ["a", "é x"], ["b", "2"], ["empty", ""]]


def test_no_field_holds_what_a_database_cannot() -> None:
    assert client.post("/", content="a=x%00y", headers=FORM).json() == [["a", "xy"]]


def test_what_is_no_form_or_too_much_of_one_is_refused() -> None:
    assert client.post("/", json={}).status_code == 415
    assert client.post("/", content="a=" + "x" * MAX_BYTES, headers=FORM).status_code == 413
    assert client.post("/", content="a=1&" * (MAX_FIELDS + 1), headers=FORM).status_code == 400
    assert client.post("/", content=b"a=\xff\xfe", headers=FORM).status_code == 400


@pytest.mark.parametrize("address", ["/", "/needs?place=KEN&q=%C3%A9", "/sync/xa-centre#notes", "/login/first"])
def test_a_page_of_ours_is_where_one_may_go(address: str) -> None:
    assert place_here(address) == address


@pytest.mark.parametrize("address", ["//x", "/\\x", "https://x", "x", "/" + "x" * 3000, "/\n/x", "/\x00", "/é"])
def test_anything_else_is_the_first_page(address: str) -> None:
    assert place_here(address) == "/"
