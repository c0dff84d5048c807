"""Tests of ui/same_origin.py: no other site makes a browser do anything here."""

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from ui.same_origin import SameOrigin


async def done(_request: Request) -> PlainTextResponse:
    return PlainTextResponse("done")


METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
routes = [Route("/{path:path}", done, methods=METHODS)]
app = SameOrigin(Starlette(routes=routes), exempt=lambda path: path.startswith("/unsubscribe/"))
client = TestClient(app, base_url="https://hub.example")
COOKIE = {"Cookie": "liaison-session=x"}


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "https://hub.example"},
        {"Sec-Fetch-Site": "nonsense"},
        {"Origin": "https://evil.example"},
        {"Origin": "https://hub.example.evil.example"},
        {"Origin": "https://hub.example:8443"},
        {"Origin": "null"},
        {"Origin": "https://["},
        {"Origin": ""},
        COOKIE,
        {**COOKIE, "Authorization": "Basic eDp5"},
        {"Origin": "https://evil.example", "Authorization": "Basic eDp5"},
    ],
)
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_what_another_site_sends_is_refused(method: str, headers: dict[str, str]) -> None:
    answer = client.request(method, "/login", headers=headers)
    assert (answer.status_code, "nothing was done" in answer.text) == (403, True)


@pytest.mark.parametrize(
    "headers",
    [
        {**COOKIE, "Sec-Fetch-Site": "same-origin"},
        {**COOKIE, "Sec-Fetch-Site": "none"},
        {**COOKIE, "Origin": "https://hub.example"},
        {**COOKIE, "Origin": "https://hub.example:443"},
        {"Authorization": "Bearer abc"},
        {},
    ],
)
def test_our_own_pages_and_programs_are_let_through(headers: dict[str, str]) -> None:
    assert client.post("/login", headers=headers).text == "done"


def test_behind_a_proxy_that_ends_tls_our_own_origin_is_still_ours() -> None:
    plain = TestClient(app, base_url="http://hub.example")
    assert plain.post("/login", headers={**COOKIE, "Origin": "https://hub.example"}).status_code == 200
    assert plain.post("/login", headers={**COOKIE, "Origin": "https://hub.example:80"}).status_code == 403


def test_looking_is_free_and_what_mail_programs_post_is_exempt() -> None:
    elsewhere = {**COOKIE, "Sec-Fetch-Site": "cross-site"}
    assert client.get("/login", headers=elsewhere).status_code == 200
    assert client.post("/unsubscribe/abc", headers=elsewhere).status_code == 200
    assert client.post("/sync/unsubscribe/abc", headers=elsewhere).status_code == 403
