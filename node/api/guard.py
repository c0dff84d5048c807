"""What every request passes: a limit on its body, and on the answer the headers that browsers obey."""

import re
from collections.abc import Callable
from http import HTTPStatus

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from node.importing.uploads import MAX_UPLOAD
from node.problem_details import Wrong, problem_response
from schemas.sentences import gettext_noop as N_
from schemas.sentences import sentence
from ui.answer_headers import add_headers
from ui.own_redirects import stay_here

MAX_BODY = 512 * 1024
# What people upload to be imported: the file, and the form around it.
UPLOADS = re.compile(r"(/[a-z]{2})?/import/?|/api/v1/imports")
MAX_UPLOAD_BODY = MAX_UPLOAD + 100_000
MAX_DRAINED = 32 * 1024 * 1024


AsPage = Callable[[Request, Wrong], Response | None]


class _TooLong(Exception):
    pass


class Guard:
    """ASGI middleware; a body that is too long is refused while it comes, whatever its headers say.

    `as_page` gives the page that says so to a person, None to a program.
    """

    def __init__(self, app: ASGIApp, as_page: AsPage = lambda _request, _wrong: None) -> None:
        self._app = app
        self._as_page = as_page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, watched."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = MAX_UPLOAD_BODY if UPLOADS.fullmatch(scope["path"]) else MAX_BODY
        watched = _Watched(scope, receive, send, limit)
        if "\0" in scope["path"]:  # PostgreSQL cannot be asked for it, and nothing has such a name
            missing = problem_response(HTTPStatus.NOT_FOUND, "There is nothing at this address.", "not-found")
            await missing(scope, receive, watched.send)
            return
        try:
            await self._app(scope, watched.receive, watched.send)
        except _TooLong:
            if watched.answered:
                raise
            text = N_("The body has more than {limit} bytes. A record may have 256 KiB. Send less.")
            if limit > MAX_BODY:
                text = N_("The body has more than {limit} bytes. Split the file.")
            detail = sentence(text, limit=limit)
            wrong = Wrong(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail, "too-large")
            answer = await run_in_threadpool(self._as_page, Request(scope), wrong) or problem_response(*wrong)
            await answer(scope, receive, watched.send)


class _Watched:
    """The two ends of one request: its body is counted, and its answer gets its headers."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, limit: int) -> None:
        self._scope = scope
        self._receive = receive
        self._send = send
        self._limit = limit
        self._size = 0
        self._ended = False
        self.answered = False

    async def receive(self) -> Message:
        message = await self._next()
        if self._size > self._limit:
            raise _TooLong
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            if message["status"] == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
                await self._drain()
            self.answered = True
            MutableHeaders(scope=message).setdefault("cache-control", "no-store")  # an answer to a token
            add_headers(message)
            stay_here(message, self._scope)
        await self._send(message)

    async def _next(self) -> Message:
        message = await self._receive()
        self._size += len(message.get("body", b""))
        self._ended = not message.get("more_body", False)
        return message

    async def _drain(self) -> None:
        """Let the rest of a body go by: a browser that is cut off while it sends does not show the answer."""
        while not self._ended and self._size < self._limit + MAX_DRAINED:
            await self._next()
