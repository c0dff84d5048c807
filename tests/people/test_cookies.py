"""Tests of people/cookies.py: the cookies of two services on one host are told apart, and TLS ties them to the host."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from people.cookies import Cookies
from people.log_ins import Attempt, Outcome

ONE, OTHER = Cookies("one"), Cookies("other")


def log_in(request: Request) -> Response:
    answer = Response()
    ONE.give(request, answer, Attempt(Outcome.LOGGED_IN, "session", "browser"))
    return answer


def look(request: Request) -> Response:
    return JSONResponse([vars(each.origin_of(request)) for each in (ONE, OTHER)])


def log_out(request: Request) -> Response:
    answer = Response()
    ONE.take_back(request, answer)
    return answer


APP = Starlette(routes=[Route("/in", log_in), Route("/look", look), Route("/out", log_out)])


def test_each_service_reads_its_own_cookies_and_logging_out_leaves_the_browser_known() -> None:
    client = TestClient(APP)
    client.get("/in")
    nothing = {"address": "testclient", "browser": None, "session": None}
    assert client.get("/look").json() == [nothing | {"browser": "browser", "session": "session"}, nothing]
    client.get("/out")
    assert client.get("/look").json()[0] == nothing | {"browser": "browser"}


def test_no_script_reads_them_no_other_site_sends_them_and_under_tls_no_other_host_sets_them() -> None:
    given = TestClient(APP, base_url="https://one.example").get("/in").headers.get_list("set-cookie")
    assert [each.partition("=")[0] for each in given] == ["__Host-one-session", "__Host-one-browser"]
    for each in given:
        assert {"HttpOnly", "Secure", "SameSite=lax", "Path=/"} <= set(each.split("; "))
