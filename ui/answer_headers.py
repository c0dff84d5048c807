"""What browsers are told with every answer: nothing is loaded from elsewhere, nothing runs, nobody frames it."""

from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.responses import Response
from starlette.types import Message

_ALWAYS: Final = {
    "content-security-policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",  # no other site learns which page led to it
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


def add_headers(message: Message) -> None:
    """Add to the start of an answer what it does not say itself; pages and their files say more."""
    _add(MutableHeaders(scope=message))


def with_headers(response: Response) -> Response:
    """Add them to an answer that passes no middleware, as one about a failure does."""
    _add(response.headers)
    return response


def _add(headers: MutableHeaders) -> None:
    for name, value in _ALWAYS.items():
        headers.setdefault(name, value)
