"""The hub's reading side over HTTP: one application put together from its parts, with errors, limits and headers."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI, Request
from sqlalchemy import Engine
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hub import search
from hub.api import doctor, erasures, events, evidence, matrix, metrics, public, records, view
from hub.api import log as api_log
from hub.api import network as api_network
from hub.api.parameters import OneValue
from hub.clock import utc_now
from hub.exports import api as api_exports
from hub.live import LiveLog
from hub.log_checks import LogDamaged
from hub.operating.deeds import Operating
from hub.pages import feed, mail_recipient, own_subscriptions, routes, subscribe
from hub.pages.frame import create_pages, problem_page, wants_page
from hub.problem_details import Refusal, answer_with_problems, problem_response
from hub.reading import Reading
from hub.streaming.limits import LiveLimits
from hub.streaming.places import Places
from hub.subscriptions import api_subscriptions
from hub.subscriptions.sending import Sending, sending_nothing
from hub.subscriptions.subscribing import Subscribing
from hub.tail import Tail
from ui import serving
from ui.answer_headers import add_headers
from ui.head import Head
from ui.languages import LanguagePath
from ui.own_redirects import stay_here
from ui.routes import put
from ui.same_origin import REFUSED, SameOrigin
from wire.database import reading
from wire.registry import Registry

MAX_ADDRESS: Final = 8_192  # bytes of path and query
# What a mail program posts for its reader, without a page of ours before it (RFC 8058).
FROM_ANYWHERE: Final = "/unsubscribe/"


def create_api(
    engine: Engine,
    network: str,
    trust_json: bytes,
    registry_view: Callable[[], Registry],
    tail: Tail,
    now: Callable[[], datetime] = utc_now,
    damaged: Callable[[LogDamaged], None] | None = None,
    split_views: Callable[[], int] = lambda: 0,
    live: LiveLimits = LiveLimits(),
    following: Callable[[], dict[str, Any]] | None = None,
    operating: Operating | None = None,
    sending: Sending | None = None,
) -> FastAPI:
    """Build the application; `registry_view` gives the registry as it stands, `tail` the end of the log.

    `damaged` is told when the hub's own log turns out not to be what its tree says; `split_views` tells how many
    statements have named another root of it; `following` gives how a regional hub stands to the one it follows;
    `operating` reaches the running hub for its operators; `sending` is how subscriptions go out.
    """
    sending = sending or sending_nothing(network)
    hub = Reading(
        reading(engine), network, trust_json, registry_view, tail, now, damaged, following,
        operating=operating or Operating(), address=sending.address,
    )  # fmt: skip
    log, places = LiveLog(hub.engine, tail), Places(live.readers, live.per_address)
    hub.live_readers = lambda: (places.taken, live.readers)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        keeping = asyncio.create_task(search.keep_up(hub.engine, tail))
        yield
        keeping.cancel()
        with suppress(asyncio.CancelledError):
            await keeping

    app = FastAPI(
        title="Liaison hub",
        summary="What organizations of a network published about themselves, and how far it can be relied on.",
        version="1",
        docs_url=None,  # their pages load scripts from other hosts
        redoc_url=None,
        openapi_url="/openapi.json",
        lifespan=lifespan,
    )
    pages = create_pages(hub)

    def as_page(request: Request, refusal: Refusal) -> Response | None:
        return problem_page(pages, request, refusal) if wants_page(request) else None

    def from_elsewhere(request: Request) -> Response:
        refusal = Refusal(HTTPStatus.FORBIDDEN, "from-elsewhere", REFUSED)
        return as_page(request, refusal) or problem_response(network, refusal)

    answer_with_problems(app, network, as_page)
    for part in (
        public, api_exports, records, matrix, api_network, api_log, view, evidence, erasures, doctor,
    ):  # fmt: skip
        put(part.router(hub), app)
    put(events.router(hub, log, places, live.replay), app)
    put(metrics.router(hub, split_views, places, sending.figures), app)
    subscribing = Subscribing(hub, sending, log)
    put(api_subscriptions.router(subscribing), app)
    for page in (subscribe, own_subscriptions, mail_recipient):
        put(page.router(subscribing, pages), app)
    put(serving.router(), app)
    put(routes.router(hub, pages), app)
    put(feed.router(hub, pages, log, places, live.replay), app)
    app.add_middleware(SameOrigin, exempt=lambda path: path.startswith(FROM_ANYWHERE), refuse=from_elsewhere)
    app.add_middleware(LanguagePath)
    app.add_middleware(OneValue, network=network)
    app.add_middleware(_Guard, network=network)
    app.add_middleware(Head)
    return app


class _Guard:
    """Sets the security headers on every answer, and refuses addresses that are too long."""

    def __init__(self, app: ASGIApp, network: str) -> None:
        self._app = app
        self._network = network

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                add_headers(message)
                stay_here(message, scope)
            await send(message)

        length = len(scope.get("raw_path") or b"") + len(scope["query_string"])
        if length > MAX_ADDRESS:
            detail = f"The address has {length} bytes; at most {MAX_ADDRESS} are allowed. Ask for less at once."
            refusal = problem_response(self._network, Refusal(HTTPStatus.REQUEST_URI_TOO_LONG, "too-long", detail))
            await refusal(scope, receive, send_guarded)
            return
        await self._app(scope, receive, send_guarded)
