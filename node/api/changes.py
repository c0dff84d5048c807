"""The API's changes to own records: put, confirmed, withdrawn; only of this version and only once, if so asked."""

from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from node.accounts.rules import Role
from node.api.answers import address_of, found, json_answer, read_document
from node.api.asker import program_or, put_alone, routes_by_token
from node.api.conditions import Conditions, conditions
from node.api.description import answers, body_of, headers_of
from node.api.records import Kind, RecordId
from node.api.trail import noted
from node.done import Done
from node.edit import DROPPED, Change, Confirm, Put, Withdraw
from node.node import Node
from node.refusal import Refusal
from schemas.entry import InvalidEntry, parse_entry
from schemas.problems import Problem
from ui.routes import Routes


def change_routes(node: Node, edited: Callable[[], None]) -> Routes:
    """Give the addresses; `edited` is called after each change that may be published."""
    routes = routes_by_token(node, "records")
    alone, officer = [put_alone(node)], [program_or(Role.OFFICER)]

    async def change(
        request: Request, asked: Change, asking: Conditions, status: HTTPStatus = HTTPStatus.OK
    ) -> Response:
        note = noted(node.acts, request.scope, status)
        done = (await run_in_threadpool(partial(node.editor.apply, [asked], beside=asking, note=note)))[0]
        edited()
        return await run_in_threadpool(_answer, node, done, asking, status)

    @routes.post(
        "/records", status_code=201, summary="Put a record; without an id it gets one", dependencies=alone,
        responses=answers("Change", 400, 409, 413, 422, 429, status=201, tagged=True, replayed=True, created=True),
        openapi_extra={**body_of("Entry"), **headers_of("Idempotency-Key")},
    )  # fmt: skip
    async def post(request: Request) -> Response:
        body = await request.body()
        entry = parse_entry(read_document(body))
        return await change(request, Put(entry), conditions(request, body=body), HTTPStatus.CREATED)

    @routes.put(
        "/records/{kind}/{record_id}", summary="Publish or revise a record at this address", dependencies=alone,
        responses=answers("Change", 400, 404, 409, 412, 413, 422, tagged=True),
        openapi_extra={**body_of("EntryAtAddress"), **headers_of("If-Match", "If-None-Match")},
    )  # fmt: skip
    async def put(request: Request, kind: Kind, record_id: RecordId) -> Response:
        document = read_document(await request.body())
        for name, expected in (("kind", kind), ("id", record_id)):
            if document.setdefault(name, expected) != expected:
                raise InvalidEntry([_other(name, document[name], expected)])
        entry = parse_entry(document)
        return await change(request, Put(entry), conditions(request, (kind, record_id)))

    @routes.post(
        "/records/{kind}/{record_id}/confirm", summary="Say that a record is still true", dependencies=officer,
        responses=answers("Change", 400, 404, 409, 412, 413, 422, 429, tagged=True, replayed=True),
        openapi_extra=headers_of("If-Match", "Idempotency-Key"),
    )  # fmt: skip
    async def confirm(request: Request, kind: Kind, record_id: RecordId) -> Response:
        address, body = address_of(kind, record_id), await request.body()
        return await change(request, Confirm(*address), conditions(request, address, body))

    @routes.delete(
        "/records/{kind}/{record_id}", summary="Withdraw a record; its history stays", dependencies=officer,
        responses=answers("Change", 400, 404, 409, 412, 422, tagged=True), openapi_extra=headers_of("If-Match"),
    )  # fmt: skip
    async def withdraw(
        request: Request,
        kind: Kind,
        record_id: RecordId,
        reason: Annotated[str, Query(description="Why, for everybody to read: 1 to 1000 characters.")] = "",
    ) -> Response:
        address = address_of(kind, record_id)
        return await change(request, Withdraw(*address, reason), conditions(request, address))

    return routes


def _answer(node: Node, done: Done, asking: Conditions, status: HTTPStatus) -> Response:
    answer: dict[str, Any] = {**done._asdict(), "record": None}
    headers = {"Location": f"/api/v1/records/{done.kind}/{done.id}"} if status == HTTPStatus.CREATED else {}
    if asking.replayed:
        headers["Idempotency-Replayed"] = "true"
    if done.outcome != DROPPED:
        try:
            answer["record"], headers["ETag"] = found(node, done.kind, done.id)
        except Refusal:
            if not asking.replayed:  # what was kept here only may be gone since then
                raise
    return json_answer(answer, status, headers)


def _other(name: str, given: Any, expected: str) -> Problem:
    message = f'"{name}" is {str(given)[:80]!r}, but the address says {expected!r}; leave it out or make them equal.'
    return Problem(f"/{name}", message, str(given)[:80], expected)
