"""Where readers find what they asked for: at the address that the operator has said, else at the one they named."""

from typing import NamedTuple
from urllib.parse import urlsplit

from fastapi import Request
from starlette.datastructures import URL


class Place(NamedTuple):
    """The address of what was asked for, and where the pages begin in the language of the request."""

    url: URL
    root: str


def place_of(request: Request, address: str) -> Place:
    """Give it for what leaves the hub; `address` is the setting, empty where there is none.

    A proxy may ask under a name of its own, and whoever asks may name any host.
    """
    url, base = request.url, request.base_url
    if address:
        said = urlsplit(address)
        url = url.replace(scheme=said.scheme, netloc=said.netloc)
        base = base.replace(scheme=said.scheme, netloc=said.netloc)
    return Place(url, str(base).rstrip("/"))
