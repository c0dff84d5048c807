"""Refuses what another site makes a browser send: unsafe requests of browsers must come from our own pages."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from ui.languages import gettext_noop as N_

SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
_PORTS: Final = {"http": 80, "https": 443}
REFUSED: Final = N_(
    "This form was not sent from a page of this site, so nothing was done. Open the page here, and send it again."
)


class SameOrigin:
    """ASGI middleware. `exempt(path)` names what any site may post, such as the one-click end of a subscription.

    Believed are Sec-Fetch-Site, which no script can set, or else Origin. A request with neither does not come from a
    browser of today; it passes without a cookie, and is refused with one. A bearer token is its sender's own: no
    browser adds it for another site.
    """

    def __init__(
        self,
        app: ASGIApp,
        exempt: Callable[[str], bool] = lambda _path: False,
        refuse: Callable[[Request], Response] = lambda _request: PlainTextResponse(REFUSED, HTTPStatus.FORBIDDEN),
    ) -> None:
        self._app = app
        self._exempt = exempt
        self._refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or refuse it."""
        if (
            scope["type"] != "http"
            or scope["method"] in SAFE
            or self._exempt(scope["path"])
            or from_here(Headers(scope=scope))
        ):
            await self._app(scope, receive, send)
            return
        await self._refuse(Request(scope))(scope, receive, send)


def from_here(headers: Headers) -> bool:
    """Whether an unsafe request was made by our own page, or by no browser at all."""
    if headers.get("authorization", "").lower().startswith("bearer "):
        return True
    fetched = headers.get("sec-fetch-site")
    if fetched is not None:
        return fetched in {"same-origin", "none"}
    origin = headers.get("origin")
    if origin is not None:
        theirs = _place(origin)
        return theirs is not None and theirs == _place(f"{urlsplit(origin).scheme}://{headers.get('host', '')}")
    return "cookie" not in headers


def _place(address: str) -> tuple[str, int | None] | None:
    """Host and port, for the scheme that the browser saw: behind a proxy we may see another one."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return None
    return (parts.hostname, port or _PORTS.get(parts.scheme)) if parts.hostname else None
