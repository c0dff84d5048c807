"""Answers HEAD as GET is answered, without the content: monitors, link checkers and feed readers ask so (RFC 9110)."""

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Head:
    """ASGI middleware; what is behind it sees GET only."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through; of the answer to HEAD its start is sent, and what comes in parts is not waited for."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return
        in_parts = asyncio.Event()

        async def send_start(message: Message) -> None:
            if message["type"] == "http.response.start":
                await send(message)
                await send({"type": "http.response.body", "body": b""})
                if not any(name.lower() == b"content-length" for name, _ in message.get("headers", ())):
                    in_parts.set()
            elif message.get("more_body"):
                in_parts.set()

        answering = asyncio.ensure_future(self._app({**scope, "method": "GET"}, receive, send_start))
        waiting = asyncio.create_task(in_parts.wait())
        try:
            await asyncio.wait((answering, waiting), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (answering, waiting):
                task.cancel()
            await asyncio.wait((answering, waiting))
        if not answering.cancelled():
            answering.result()
