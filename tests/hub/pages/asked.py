"""Asks for pages of a network's hub and reads them as HTML."""

import lxml.html
from fastapi import FastAPI
from fastapi.testclient import TestClient
from lxml.html import HtmlElement

from tests.hub.published import Published
from tests.hub.serving import api_of

_last: list[tuple[tuple[object, ...], FastAPI]] = []


class Reader:
    """A person with a browser that runs no scripts; the public, unless a token is given."""

    def __init__(self, network: Published, token: str | None = None) -> None:
        headers = {"Accept": "text/html"} | ({"Authorization": f"Bearer {token}"} if token else {})
        self.client = TestClient(_shared(network), headers=headers)
        self.status = 0

    def read(self, address: str) -> HtmlElement:
        """Open a page."""
        got = self.client.get(address)
        self.status = got.status_code
        return lxml.html.fromstring(got.text)

    def words(self, address: str) -> str:
        """Give what a page says in its content, on one line."""
        return " ".join(self.read(address).get_element_by_id("content").text_content().split())


def _shared(network: Published) -> FastAPI:
    """Give the application of the network asked last, if it is this one: building it takes longer than most answers."""
    parts = (network, network.engine, network.tail)
    if not _last or any(one is not other for one, other in zip(_last[0][0], parts, strict=True)):
        _last[:] = [(parts, api_of(network))]
    return _last[0][1]
