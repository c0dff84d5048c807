"""Subscriptions over HTTP for programs of members and operators: make, look, change, test, send again, end."""

from collections.abc import Callable
from dataclasses import asdict
from functools import cache
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import Depends, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from hub.access import Role
from hub.filters import MAX_LIMIT, Asked, Filters
from hub.problem_details import Refusal
from hub.reading import as_json
from hub.subscriptions.forms import Change, NewSubscription, Resend
from hub.subscriptions.owners import Owner, owner_of
from hub.subscriptions.preview import as_document
from hub.subscriptions.recording import Attempt
from hub.subscriptions.subscribing import Subscribing, read_form
from schemas.whole import DIGITS
from ui.routes import Routes

_Member = Callable[[Request], Owner]
_CHALLENGE: Final = {"WWW-Authenticate": 'Bearer realm="liaison"'}


class DeliveriesAsked(Asked):
    """Which part of a delivery log."""

    before: Annotated[int, Field(ge=1, le=2**53), DIGITS] | None = Field(
        None, description="Cursor: number of the last item."
    )
    limit: Annotated[int, Field(ge=1, le=MAX_LIMIT), DIGITS] = Field(100, description="Items on a page.")


def router(subscribing: Subscribing) -> Routes:
    """Give these addresses."""
    routes = Routes(prefix="/api/v1/subscriptions", tags=["subscriptions"])
    hub = subscribing.hub

    def anybody(request: Request) -> Owner:
        return owner_of(hub, request)

    def member(request: Request) -> Owner:
        owner = owner_of(hub, request)
        if owner.role is Role.PUBLIC:
            detail = "This is for members: send an access token as Authorization: Bearer. For all others: /subscribe."
            raise Refusal(HTTPStatus.UNAUTHORIZED, "token-needed", detail, headers=_CHALLENGE)
        return owner

    @routes.get("/preview", summary="What such a subscription would have sent in the last thirty days")
    async def previewed(asked: Annotated[Filters, Query()], owner: Annotated[Owner, Depends(anybody)]) -> Response:
        return as_json(as_document(await subscribing.preview(asked, owner), hub.as_of()))

    _look(routes, subscribing, member)
    _change(routes, subscribing, member)
    _send(routes, subscribing, member)
    return routes


def _look(routes: Routes, subscribing: Subscribing, member: _Member) -> None:
    hub, owned = subscribing.hub, Depends(member)

    @routes.get("", summary="Your subscriptions")
    async def listed(owner: Annotated[Owner, owned]) -> Response:
        return as_json({"items": await subscribing.own(owner), "as_of": hub.as_of()})

    @routes.get("/{id}", summary="One of your subscriptions")
    async def one(id: str, owner: Annotated[Owner, owned]) -> Response:  # noqa: A002 - the name in the address
        return as_json(await subscribing.show(id, owner))

    @routes.get("/{id}/deliveries", summary="What was tried and what came of it, the newest first")
    async def deliveries(
        id: str,  # noqa: A002
        asked: Annotated[DeliveriesAsked, Query()],
        owner: Annotated[Owner, owned],
    ) -> Response:
        items = await subscribing.deliveries(id, owner, asked.before, asked.limit)
        following = items[-1]["number"] if len(items) == asked.limit else None
        return as_json({"items": items, "next": following, "as_of": hub.as_of()})


def _change(routes: Routes, subscribing: Subscribing, member: _Member) -> None:
    owned = Depends(member)

    @routes.post("", summary="Subscribe by webhook or mail", openapi_extra=_body(NewSubscription), status_code=201)
    async def create(request: Request, owner: Annotated[Owner, owned]) -> Response:
        made = await subscribing.create(await read_form(request, NewSubscription), owner)
        answer = as_json(made, {"Location": f"/api/v1/subscriptions/{made['id']}"})
        answer.status_code = HTTPStatus.CREATED
        return answer

    @routes.patch("/{id}", summary="Change, pause or resume it", openapi_extra=_body(Change))
    async def change(request: Request, id: str, owner: Annotated[Owner, owned]) -> Response:  # noqa: A002
        return as_json(await subscribing.change(id, await read_form(request, Change), owner))

    @routes.delete("/{id}", summary="End it and forget it", status_code=204)
    async def remove(id: str, owner: Annotated[Owner, owned]) -> Response:  # noqa: A002
        await subscribing.remove(id, owner)
        return Response(status_code=HTTPStatus.NO_CONTENT)

    @routes.post("/{id}/secret", summary="The next secret of a webhook, shown this once")
    async def rotate(id: str, owner: Annotated[Owner, owned]) -> Response:  # noqa: A002
        return as_json({"secret": await subscribing.rotate(id, owner)}, {"Cache-Control": "no-store"})


def _send(routes: Routes, subscribing: Subscribing, member: _Member) -> None:
    owned = Depends(member)

    @routes.post("/{id}/test", summary="Post a test message now")
    async def test(id: str, owner: Annotated[Owner, owned]) -> Response:  # noqa: A002
        return as_json(_attempt(await subscribing.test(id, owner)))

    @routes.post("/{id}/resend", summary="Send one event again, or all since", openapi_extra=_body(Resend))
    async def resend(request: Request, id: str, owner: Annotated[Owner, owned]) -> Response:  # noqa: A002
        done = await subscribing.resend(id, await read_form(request, Resend), owner)
        return as_json(_attempt(done) if isinstance(done, Attempt) else {"again": True, "state": done})


def _attempt(attempt: Attempt) -> dict[str, Any]:
    return {name: value for name, value in asdict(attempt).items() if name not in {"kind", "retry_after"}}


@cache
def _body(form: type[BaseModel]) -> dict[str, Any]:
    schema = form.model_json_schema()
    written = _inlined(schema, schema.pop("$defs", {}))
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": written}}}}


def _inlined(value: Any, parts: dict[str, Any]) -> Any:
    """Put parts in where they are referred to: what one address needs stands at it."""
    if isinstance(value, list):
        return [_inlined(each, parts) for each in value]
    if not isinstance(value, dict):
        return value
    if "$ref" in value:
        return _inlined(parts[value["$ref"].rpartition("/")[2]], parts)
    return {name: _inlined(each, parts) for name, each in value.items()}
