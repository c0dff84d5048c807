"""Tests of asking: a page's address is read with the API's filters, and what cannot be used is said on the page."""

from starlette.requests import Request

from hub.filters import Page
from hub.pages.asking import ask


def request(query: str) -> Request:
    return Request({"type": "http", "query_string": query.encode(), "headers": []})


def test_lists_are_repeated_and_empty_fields_ask_for_nothing() -> None:
    asked, said = ask(request("place=KEN&place=TCD&q=&theme="), Page, kind=["need"])
    assert (asked.place, asked.q, asked.theme, asked.kind) == (["KEN", "TCD"], None, [], ["need"])
    assert said.status == 200


def test_a_parameter_that_cannot_be_used_is_said_with_its_field_and_the_page_is_there_all_the_same() -> None:
    asked, said = ask(request("place=KENYA&limit=0"), Page, kind=["need"])
    assert asked.kind == ["need"]
    assert said.status == 422
    assert [each["field"] for each in said.problems] == ["place", "limit"]
    assert "KEN" in said.problems[0]["message"]


def test_what_the_page_decides_itself_the_address_cannot_change() -> None:
    assert ask(request("kind=contact"), Page, kind=["need"])[0].kind == ["need"]
