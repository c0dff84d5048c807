"""A redirect within the site names no host; one to elsewhere stays as it is."""

import pytest
from starlette.datastructures import MutableHeaders
from starlette.responses import RedirectResponse

from ui.own_redirects import stay_here


def led_to(location: str, host: bytes = b"anybody.example") -> str:
    answer = RedirectResponse(location)
    message = {"type": "http.response.start", "status": 307, "headers": answer.raw_headers}
    scope = {
        "type": "http", "scheme": "http", "server": ("127.0.0.1", 8300), "path": "/records/", "query_string": b"",
        "headers": [(b"host", host)],
    }  # fmt: skip
    stay_here(message, scope)
    return MutableHeaders(scope=message)["location"]


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        ("http://anybody.example/records?kind=need", "/records?kind=need"),
        ("http://anybody.example", "/"),
        ("http://anybody.example?kind=need", "/?kind=need"),
        ("http://anybody.example//other.example", "/other.example"),
        ("/fr/records", "/fr/records"),
        ("http://anybody.example.org/records", "http://anybody.example.org/records"),
        ("https://login.example/authorize?a=b", "https://login.example/authorize?a=b"),
    ],
)
def test_only_what_leads_to_the_host_that_was_asked_loses_it(location: str, expected: str) -> None:
    assert led_to(location) == expected


def test_a_host_that_is_none_is_taken_for_none() -> None:
    assert led_to("http://127.0.0.1:8300/records", host=b"a b/c?") == "/records"


def test_an_answer_that_leads_nowhere_stays_as_it_is() -> None:
    message = {"type": "http.response.start", "status": 200, "headers": []}
    stay_here(message, {"type": "http"})
    assert message["headers"] == []
