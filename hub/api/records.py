"""Records over HTTP: lists by filter, single records and their histories."""

import hashlib
from http import HTTPStatus
from typing import Annotated, Any, Final

import orjson
from fastapi import Depends, Query, Request
from starlette.responses import Response

from hub.access import Role
from hub.api.parameters import no_question
from hub.filters import Page, PageOnly
from hub.problem_details import Refusal
from hub.queries import list_records, record_of
from hub.reading import PRIVATE, Reading, visible
from hub.record_versions import record_history
from schemas.sentences import sentence
from ui.routes import Routes

ERASED: Final = "erased"


def router(hub: Reading) -> Routes:
    """Give these addresses."""
    routes = Routes(prefix="/api/v1/records", tags=["records"])
    reader = Depends(hub.role)

    @routes.get("", summary="Records by filter, in the order of the log")
    def records(request: Request, page: Annotated[Page, Query()], role: Annotated[Role, reader]) -> Response:
        hub.check_cursor(page.after)
        hub.ready_for(page)
        with hub.connect() as connection:
            found = list_records(connection, page, visible(role), hub.now().date())
        return hub.listed(request, found._replace(items=[hub.marked(each) for each in found.items]))

    @routes.get("/{kind}/{org}/{id}", dependencies=[Depends(no_question)], summary="One record")
    def record(request: Request, kind: str, org: str, id: str, role: Annotated[Role, reader]) -> Response:  # noqa: A002
        with hub.connect() as connection:
            found = record_of(connection, (kind, org, id), visible(role), hub.now().date())
        if found is None:
            raise absent(kind, org, id)
        if found["status"] == ERASED:
            raise gone(found)
        return _tagged(request, hub.marked(found))

    @routes.get("/{kind}/{org}/{id}/history", summary="All versions of a record")
    def history(
        request: Request,
        kind: str,
        org: str,
        id: str,  # noqa: A002
        page: Annotated[PageOnly, Query()],
        role: Annotated[Role, reader],
    ) -> Response:
        hub.check_cursor(page.after)
        with hub.connect() as connection:
            found = record_history(connection, (kind, org, id), visible(role), page, hub.registry())
        if found is None:
            raise absent(kind, org, id)
        return hub.listed(request, found)

    return routes


def _tagged(request: Request, found: dict[str, Any]) -> Response:
    body = orjson.dumps(found)
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {**PRIVATE, "ETag": tag}
    if is_known(request, tag):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return Response(body, headers=headers, media_type="application/json")


def is_known(request: Request, tag: str) -> bool:
    """Whether a reader already has what bears this tag; weak comparison (RFC 9110, 13.1.2)."""
    known = [each.strip().removeprefix("W/") for each in request.headers.get("if-none-match", "").split(",")]
    return tag.removeprefix("W/") in known or known == ["*"]


def gone(found: dict[str, Any]) -> Refusal:
    """Say that a record was erased."""
    order = found["ordered_at"]
    address = f"{found['kind']}/{found['org']}/{found['id']}"
    detail = sentence(
        "The record {address} was erased by an order that this hub's log does not hold yet; that it existed is in the "
        "log.",
        address=address,
    )
    if order is not None:
        detail = sentence(
            "The record {address} was erased by the order at index {order}; that it existed is in the log.",
            address=address,
            order=order,
        )
    members = {name: found[name] for name in ("statement", "index", "ordered_at")}
    return Refusal(HTTPStatus.GONE, ERASED, detail, **members)


def absent(kind: str, org: str, id_: str) -> Refusal:
    """Say that there is no such record for this reader."""
    address = f"{kind[:40]}/{org[:60]}/{id_[:80]}"
    detail = sentence("There is no record {address}, or it may not be seen with the access you have.", address=address)
    return Refusal(HTTPStatus.NOT_FOUND, "no-such-record", detail)
