"""Notes in the trail what was done with tokens: every request that may change something, and its answer.

With a person's token it stands there in that person's name.
"""

from http import HTTPStatus
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from node.accounts.acts import DONE, REFUSED, Acts, program
from node.api_asker import visitor_from
from node.store.access import Holder

API: Final = "/api/v1/"
_ASKING: Final = ("GET", "HEAD", "OPTIONS")


class Trail:
    """ASGI middleware: an act is written after it was done, before its answer is whole."""

    def __init__(self, app: ASGIApp, acts: Acts) -> None:
        self._app = app
        self._acts = acts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; whose token it was is known when the answer begins."""
        if scope["type"] != "http" or scope["method"] in _ASKING or not scope["path"].startswith(API):
            await self._app(scope, receive, send)
            return

        async def send_noted(message: Message) -> None:
            holder = scope.get("state", {}).get("holder")
            if message["type"] == "http.response.start" and holder is not None:
                await run_in_threadpool(self._note, scope, holder, HTTPStatus(int(message["status"])))
            await send(message)

        await self._app(scope, receive, send_noted)

    def _note(self, scope: Scope, holder: Holder, status: HTTPStatus) -> None:
        outcome = DONE if status < HTTPStatus.MULTIPLE_CHOICES else REFUSED
        subject = scope["path"].removeprefix(API)
        act = f"api.{scope['method'].lower()}"
        visitor = visitor_from(holder)
        who, by = (program(holder.name), "") if visitor is None else (visitor, f", token {holder.name}")
        self._acts.note(who, act, subject, f"answered {status.value}{by}", outcome=outcome)
