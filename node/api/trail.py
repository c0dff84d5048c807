"""Notes in the trail what was done with tokens: every request that may change something, and its answer.

With a person's token it stands there in that person's name.
"""

from http import HTTPStatus
from typing import Final

from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from node.accounts.acts import DONE, REFUSED, Acts, Doer, program
from node.api.asker import visitor_from
from node.store.access import Holder
from node.store.note import Note

API: Final = "/api/v1/"
_ASKING: Final = ("GET", "HEAD", "OPTIONS")


def noted(acts: Acts, scope: Scope, status: HTTPStatus) -> Note:
    """Give what notes a request as done in the transaction that does it; it is not noted again with this answer."""
    state = scope.setdefault("state", {})

    def note(connection: Connection) -> None:
        acts.note(*_act(scope, state["holder"], status), connection=connection)
        state["noted"] = True

    return note


class Trail:
    """ASGI middleware: what was not noted in the transaction that did it is noted before its answer is whole."""

    def __init__(self, app: ASGIApp, acts: Acts) -> None:
        self._app = app
        self._acts = acts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; whose token it was is known when the answer begins."""
        if scope["type"] != "http" or scope["method"] in _ASKING or not scope["path"].startswith(API):
            await self._app(scope, receive, send)
            return

        async def send_noted(message: Message) -> None:
            state = scope.get("state", {})
            if message["type"] == "http.response.start" and (holder := state.get("holder")) is not None:
                status = HTTPStatus(int(message["status"]))
                if not (state.get("noted") and status < HTTPStatus.MULTIPLE_CHOICES):
                    await run_in_threadpool(self._note, scope, holder, status)
            await send(message)

        await self._app(scope, receive, send_noted)

    def _note(self, scope: Scope, holder: Holder, status: HTTPStatus) -> None:
        outcome = DONE if status < HTTPStatus.MULTIPLE_CHOICES else REFUSED
        self._acts.note(*_act(scope, holder, status), outcome=outcome)


def _act(scope: Scope, holder: Holder, status: HTTPStatus) -> tuple[Doer | str, str, str, str]:
    """Give who, act, subject and detail."""
    subject, act = scope["path"].removeprefix(API), f"api.{scope['method'].lower()}"
    visitor = visitor_from(holder)
    if visitor is None:
        return program(holder.name), act, subject, f"answered {status.value}"
    return visitor, act, subject, f"answered {status.value}, token {holder.name}"
