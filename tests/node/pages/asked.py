"""Asks for pages of a node and reads them as HTML, as a person with certain roles."""

from urllib.parse import quote

import lxml.html
from fastapi import FastAPI
from fastapi.testclient import TestClient
from lxml.html import HtmlElement

from node.api.application import create_api
from node.node import Node
from node.pages.desk import Role, Visitor

BROWSER = {"Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8", "Sec-Fetch-Site": "same-origin"}

READER = "X-Reader-In-Tests"
_visitors: dict[str, Visitor | None] = {}
_last: list[tuple[Node, FastAPI]] = []


class Reader:
    """A person with a browser that runs no scripts; nobody is logged in unless roles are given."""

    def __init__(self, node: Node, *roles: Role, number: int = 1, name: str = "Amina Warsame") -> None:
        who = {READER: _known(number, name, roles)}
        self.client = TestClient(_shared(node), headers=BROWSER | who)
        self.status = 0

    def read(self, address: str) -> HtmlElement:
        """Open a page."""
        got = self.client.get(address)
        self.status = got.status_code
        return lxml.html.fromstring(got.text)

    def words(self, address: str) -> str:
        """Give what a page says in its content, on one line."""
        return words_of(self.read(address))

    def send(self, address: str, **fields: str | list[str]) -> HtmlElement:
        """Send a form and follow where it leads; `status` is the last page's."""
        got = self.client.post(address, data=fields)
        self.status = got.status_code
        return lxml.html.fromstring(got.text)


def words_of(page: HtmlElement) -> str:
    """Give what a page says in its content, on one line."""
    return " ".join(page.get_element_by_id("content").text_content().split())


def api_of(node: Node, *roles: Role, number: int = 1, name: str = "Amina Warsame") -> FastAPI:
    """Give the application as the node builds it, in which a person with these roles is logged in."""
    visitor = _visitor(number, name, roles)
    return create_api(node, visitor=lambda _request: visitor)


def _visitor(number: int, name: str, roles: tuple[Role, ...]) -> Visitor | None:
    return Visitor(number, name, frozenset(roles)) if roles else None


def _known(number: int, name: str, roles: tuple[Role, ...]) -> str:
    """Give the word by which the shared application knows a person."""
    word = f"{number} {quote(name)} {' '.join(sorted(roles))}"
    _visitors[word] = _visitor(number, name, roles)
    return word


def _shared(node: Node) -> FastAPI:
    """Give the application of the node asked last, if it is this one: building it takes longer than most answers."""
    if not _last or _last[0][0] is not node:
        _last[:] = [(node, create_api(node, visitor=lambda request: _visitors[request.headers[READER]]))]
    return _last[0][1]
