"""The pages of refused messages: a list with its causes, and one message whole, as far as operators may see it."""

import base64
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import Request
from starlette.responses import Response

from hub.filters import Held
from hub.node_queries import list_quarantine, one_refused, refused_by_reason
from hub.operating import acts
from hub.pages.acts import WORDS
from hub.pages.asking import ask
from hub.pages.network_health import KEEP_NOTHING
from hub.problem_details import Refusal
from hub.reading import Reading
from schemas.sentences import gettext_noop as N_
from ui.pages import Pages
from ui.routes import Routes
from wire import jws
from wire.reasons import EXPLANATIONS, Reason

DOWNLOAD = "attachment; filename=message-{}.json"


def router(hub: Reading, pages: Pages) -> Routes:
    """Give these addresses."""
    routes = Routes(include_in_schema=False)
    explanations = {str(each): EXPLANATIONS[each] for each in EXPLANATIONS}

    @routes.get("/quarantine")
    def quarantine(request: Request) -> Response:
        hub.operator(request)
        done = request.query_params.get("done", "")[:64]
        asked, said = ask(_without(request, "done"), Held)
        with hub.connect() as connection:
            found = list_quarantine(connection, asked.org, asked, asked.reason)
            causes = refused_by_reason(connection, asked.org[0] if len(asked.org) == 1 else None)
            result = acts.of_form(connection, done) if done else None
        items = found[: asked.limit]
        return pages.render(
            request, "quarantine.html", said.status, KEEP_NOTHING,
            items=items, next=items[-1]["number"] if len(found) > asked.limit else None, causes=causes, asked=asked,
            problems=said.problems, explanations=explanations, as_of=hub.as_of(), done=result, words=WORDS,
            organizations=[(name, name) for name in sorted(hub.registry().members)],
            reasons=[(name, f"{pages.gettext(request, each.meaning)} ({name})") for name, each in explanations.items()],
        )  # fmt: skip

    @routes.get("/quarantine/{number}")
    def refused(request: Request, number: int) -> Response:
        hub.operator(request)
        found = _one(hub, number)
        reason = found["reason"]
        explained = EXPLANATIONS.get(Reason(reason)) if reason in set(map(str, Reason)) else None
        return pages.render(
            request, "refused.html", headers=KEEP_NOTHING,
            message=found, explained=explained, statement=_statement(found["token"]),
            token=_raw(found["token"]), body=found["body"] and _raw(found["body"]), as_of=hub.as_of(),
        )  # fmt: skip

    @routes.get("/quarantine/{number}/message.json")
    def download(request: Request, number: int) -> Response:
        hub.operator(request)
        found = orjson.dumps(_one(hub, number), option=orjson.OPT_INDENT_2)
        headers = {**KEEP_NOTHING, "Content-Disposition": DOWNLOAD.format(number)}
        return Response(found, media_type="application/json", headers=headers)

    return routes


def _one(hub: Reading, number: int) -> dict[str, Any]:
    with hub.connect() as connection:
        found = one_refused(connection, number) if 0 <= number < 2**63 else None
    if found is None:
        detail = N_(
            "There is no such message in quarantine, or not any more: it was accepted, or newer ones took its place."
        )
        raise Refusal(HTTPStatus.NOT_FOUND, "no-such-message", detail)
    return found


def _statement(token: dict[str, Any]) -> str | None:
    """What the token says, read and laid out; None if it is no token."""
    try:
        parts = jws.take_apart(token.get("text", "").encode(), jws.EVENT)
        return orjson.dumps(orjson.loads(parts.payload), option=orjson.OPT_INDENT_2).decode()
    except (jws.Malformed, orjson.JSONDecodeError):
        return None


def _raw(data: dict[str, Any]) -> dict[str, Any]:
    """Bytes as text, or in hexadecimal digits if they are none; or why they are withheld."""
    if "base64" in data:
        return {**data, "hex": base64.b64decode(data["base64"]).hex(" ", 2)}
    return data


def _without(request: Request, name: str) -> Request:
    """Give a request whose query lacks a parameter that is the page's own."""
    kept = "&".join(part for part in request.url.query.split("&") if part.partition("=")[0] != name)
    return Request({**request.scope, "query_string": kept.encode()})
