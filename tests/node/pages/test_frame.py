"""Tests of the node's frame: the navigation by role, files, and errors as pages for people."""

import lxml.html
import pytest
from fastapi import Request
from fastapi.testclient import TestClient

from node.api.application import create_api
from node.node import Node
from node.pages.desk import Role
from tests.node.pages.asked import BROWSER, Reader, api_of

OPEN, ALL = "//nav[@aria-label='Pages']//a/@href", list(Role)


def test_nobody_is_shown_places_that_need_a_log_in(node: Node) -> None:
    assert Reader(node).read("/").xpath(OPEN) == []


def test_administrators_find_more_places_than_officers(node: Node) -> None:
    officer, administrator = (Reader(node, role).read("/").xpath(OPEN) for role in (ALL[0], ALL[2]))
    assert "/desk" in officer
    assert set(administrator) - set(officer) >= {"/people", "/keys"}


def test_the_head_names_who_is_logged_in_and_all_roles(node: Node) -> None:
    head = Reader(node, Role.OFFICER, Role.REVIEWER).read("/").xpath("//form[@class='li-account']")[0]
    assert " ".join(head.text_content().split()) == "Amina Warsame desk officer, reviewer Log out"


def test_a_person_gets_a_page_that_says_what_is_wrong(node: Node) -> None:
    reader = Reader(node)
    page = reader.read("/fr/nothing")
    assert (reader.status, page.get("lang"), len(page.xpath("//h1"))) == (404, "fr", 1)


def test_a_program_gets_a_problem_document_even_from_a_browser(node: Node) -> None:
    client = TestClient(api_of(node))
    assert client.get("/nothing").headers["content-type"] == "application/problem+json"
    got = client.get("/api/v1/records", headers=BROWSER)
    assert (got.status_code, got.headers["content-type"]) == (401, "application/problem+json")


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_form_of_another_site_does_nothing(node: Node, site: str) -> None:
    got = TestClient(api_of(node, *ALL)).post("/", headers=BROWSER | {"Sec-Fetch-Site": site}, data={"a": "b"})
    assert got.status_code == 403
    assert "not sent from a page of this site" in lxml.html.fromstring(got.text).text_content()


def test_pages_are_in_their_language_and_kept_by_no_one_else(node: Node) -> None:
    got = TestClient(api_of(node)).get("/ar/", headers=BROWSER)
    assert lxml.html.fromstring(got.text).get("dir") == "rtl"
    assert got.headers["cache-control"] == "private, no-cache"
    assert "script-src 'self'" in got.headers["content-security-policy"]


def test_style_sheets_are_served_and_kept_for_ever(node: Node) -> None:
    client = TestClient(api_of(node))
    sheet = lxml.html.fromstring(client.get("/").text).xpath("//link[contains(@href, 'liaison.css')]/@href")[0]
    got = client.get(sheet)
    assert (got.status_code, got.headers["cache-control"]) == (200, "public, max-age=31536000, immutable")


ERRORS = {
    "no page": ("GET", "/fr/nothing", {}, 404, "Cette page n’existe pas"),
    "no number": ("GET", "/fr/drafts/abc", {}, 404, "Cette page n’existe pas"),
    "no question": ("GET", "/fr/drafts", {}, 405, "Cette page ne s’utilise pas ainsi"),
    "too long a form": ("POST", "/fr/drafts", {"data": {"kind": "x" * 460_000}}, 413, "C’est trop à la fois"),
    "too long a body": ("POST", "/fr/tokens", {"data": {"name": "x" * 600_000}}, 413, "C’est trop à la fois"),
    "no form": ("POST", "/fr/drafts", {"content": b"{}"}, 415, "Ceci n’a pas été envoyé par un formulaire d’une page"),
    "nothing chosen": ("POST", "/fr/records/bulk", {"data": {"act": "x"}}, 422, "Ceci ne peut être accepté tel quel"),
}  # fmt: skip


@pytest.mark.parametrize("case", list(ERRORS))
def test_whatever_goes_wrong_is_a_page_in_the_layout_and_the_language(node: Node, case: str) -> None:
    method, address, sent, status, title = ERRORS[case]
    got = Reader(node, *ALL).client.request(method, address, **sent)  # type: ignore[arg-type]
    page = lxml.html.fromstring(got.text)
    assert (got.status_code, page.get("lang"), page.xpath("string(//h1)")) == (status, "fr", title)
    assert page.xpath(OPEN)
    assert got.headers["content-security-policy"].startswith("default-src 'none'; script-src 'self'")
    assert not page.xpath("//main//*[text()='Not Found' or text()='Method Not Allowed']")
    as_program = TestClient(api_of(node, *ALL)).request(method, address, **sent)  # type: ignore[arg-type]
    expected = 400 if case == "no number" else status
    assert (as_program.status_code, as_program.headers["content-type"]) == (expected, "application/problem+json")


def test_an_error_of_the_node_is_a_page_that_asks_nothing_of_what_is_broken(node: Node) -> None:
    def broken(_request: Request) -> None:
        raise RuntimeError("secret")

    client = TestClient(create_api(node, visitor=broken), headers=BROWSER, raise_server_exceptions=False)
    got = client.get("/fr/desk")
    page = lxml.html.fromstring(got.text)
    assert (got.status_code, page.get("lang"), page.xpath("string(//h1)")) == (500, "fr", "Une erreur est survenue")
    assert "Ce n’est pas de votre fait." in page.text_content()
    assert "secret" not in got.text
    assert (got.headers["x-content-type-options"], got.headers["referrer-policy"]) == ("nosniff", "same-origin")


def test_where_no_page_can_be_made_the_error_is_still_answered(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.pages.Pages.render", lambda *_, **__: 1 / 0)
    client = TestClient(api_of(node, *ALL), headers=BROWSER, raise_server_exceptions=False)
    got = client.get("/fr/desk")
    assert (got.status_code, got.headers["content-type"]) == (500, "application/problem+json")
    assert got.headers["content-security-policy"].startswith("default-src 'none'")
