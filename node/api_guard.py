"""What every request passes: a limit on its body, and on the answer the headers that browsers obey."""

import re
from http import HTTPStatus

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from node.importing.uploads import MAX_UPLOAD
from node.problem_details import problem_response

MAX_BODY = 512 * 1024
# What people upload to be imported: the file, and the form around it.
UPLOADS = re.compile(r"(/[a-z]{2})?/import/?|/api/v1/imports")
MAX_UPLOAD_BODY = MAX_UPLOAD + 100_000
# Nothing is loaded from elsewhere, nothing runs, nobody frames it; no other site learns which page led to it, and
# answers to a token are not for caches. Pages and their files say more.
HEADERS = {
    b"content-security-policy": b"default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"same-origin",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
    b"cache-control": b"no-store",
}


class _TooLong(Exception):
    pass


class Guard:
    """ASGI middleware; a body that is too long is refused while it comes, whatever its headers say."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, watched."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False
        size = 0
        limit = MAX_UPLOAD_BODY if UPLOADS.fullmatch(scope["path"]) else MAX_BODY

        async def receive_bounded() -> Message:
            nonlocal size
            message = await receive()
            size += len(message.get("body", b""))
            if size > limit:
                raise _TooLong
            return message

        async def send_guarded(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                present = {name for name, _ in message.get("headers", ())}
                added = [item for item in HEADERS.items() if item[0] not in present]
                message = {**message, "headers": [*message.get("headers", ()), *added]}
            await send(message)

        if "\0" in scope["path"]:  # PostgreSQL cannot be asked for it, and nothing has such a name
            answer = problem_response(HTTPStatus.NOT_FOUND, "There is nothing at this address.", "not-found")
            await answer(scope, receive, send_guarded)
            return
        try:
            await self._app(scope, receive_bounded, send_guarded)
        except _TooLong:
            if begun:
                raise
            said = "split the file" if limit > MAX_BODY else "a record may have 256 KiB. Send less"
            detail = f"The body has more than {limit} bytes; {said}."
            answer = problem_response(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail, "too-large")
            await answer(scope, receive, send_guarded)
