"""Uvicorn's connection, with a way for an application to break it off: a peer that does not read cannot be closed."""

import asyncio
from collections.abc import Callable
from typing import Any, Final, cast

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

# Where the scope of a request holds a function that breaks off its connection at once, with what waits to be sent.
ABORT: Final = "liaison.abort"


class BreakableProtocol(H11Protocol):
    """`close` waits until all is sent, which to a peer that does not read is never."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Hand the application the connection's `abort`."""
        super().connection_made(transport)
        app = cast("ASGIApp", self.app)

        async def breakable(scope: Scope, receive: Receive, send: Send) -> None:
            scope.setdefault("extensions", {})[ABORT] = transport.abort
            await app(scope, receive, send)

        self.app = breakable


def abort_of(scope: Scope) -> Callable[[], None] | None:
    """Give what breaks off the connection of a request; None on a server that has no such thing."""
    found: Callable[[], None] | None = scope.get("extensions", {}).get(ABORT)
    return found


def server_config(app: ASGIApp, **settings: Any) -> uvicorn.Config:
    """Give how the hub serves its application; tests serve it the same way."""
    return uvicorn.Config(app, http=BreakableProtocol, access_log=False, server_header=False, **settings)
