"""Asks for pages of a network's hub and reads them as HTML."""

import lxml.html
from fastapi.testclient import TestClient
from lxml.html import HtmlElement

from tests.hub.published import Published
from tests.hub.serving import api_of


class Reader:
    """A person with a browser that runs no scripts; the public, unless a token is given."""

    def __init__(self, network: Published, token: str | None = None) -> None:
        headers = {"Accept": "text/html"} | ({"Authorization": f"Bearer {token}"} if token else {})
        self.client = TestClient(api_of(network), headers=headers)
        self.status = 0

    def read(self, address: str) -> HtmlElement:
        """Open a page."""
        got = self.client.get(address)
        self.status = got.status_code
        return lxml.html.fromstring(got.text)

    def words(self, address: str) -> str:
        """Give what a page says in its content, on one line."""
        return " ".join(self.read(address).get_element_by_id("content").text_content().split())
