"""The API's history and erasure of a record, letters one by one, and answers to needs; as on the record's page."""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import Path, Request
from starlette.responses import Response

from node.accounts.rules import Role
from node.api.answers import Body, address_of, found, json_answer, read_as
from node.api.asker import asker_of, routes_by_token
from node.api.bodies import Answer, Reason
from node.api.conditions import check_version
from node.api.description import answers, body_of, headers_of
from node.api.drafts import draft_answer
from node.api.once import once
from node.api.records import MAX_AFTER, Kind, RecordId
from node.done import Done
from node.inbox import letter_form
from node.pages import drafting
from node.pages.desk import Desk
from node.pages.inbox import begun, letter_at, marked_read, marked_unread
from node.pages.record import carried_out, history_of
from node.refusal import Refusal
from ui.routes import Routes

Index = Annotated[int, Path(ge=0, le=MAX_AFTER, description="Its place in the log.", examples=[7])]


def record_act_routes(desk: Desk) -> Routes:
    """Give the addresses."""
    routes = routes_by_token(desk.node, "records")
    _records(routes, desk)
    _letters(routes, desk)
    return routes


def _records(routes: Routes, desk: Desk) -> None:
    @routes.get(
        "/records/{kind}/{record_id}/history", summary="What was said of a record, and what changed each time",
        responses=answers("History", 404),
    )  # fmt: skip
    def history(request: Request, kind: Kind, record_id: RecordId) -> Response:
        asker_of(request)
        found(desk.node, kind, record_id)
        items = [
            {"action": each.action, "first": each.first, **each.version, "fields": [one.name for one in each.changes]}
            for each in history_of(desk, kind, record_id)
        ]
        return json_answer({"items": items, "as_of": desk.now_text()})

    @routes.post(
        "/records/{kind}/{record_id}/erase", summary="Destroy all its bodies here, and order it of everybody else",
        responses=answers("Change", 400, 404, 409, 412, 413, 422, 429, replayed=True),
        openapi_extra={**body_of("Reason"), **headers_of("If-Match", "Idempotency-Key")},
    )  # fmt: skip
    def erase(request: Request, kind: Kind, record_id: RecordId, body: Body) -> Response:
        visitor, asked = asker_of(request, Role.OFFICER), read_as(Reason, body)
        address = address_of(kind, record_id)

        def work() -> list[Any]:
            _, tag = found(desk.node, *address)
            check_version(request, tag.strip('"').partition(".")[0])
            return list(carried_out(desk, visitor, address, "erase", asked.reason))

        made = once(desk.node, request, body, work)
        return json_answer({**Done(*made.done)._asdict(), "record": _record(desk, *address)}, headers=made.headers)


def _letters(routes: Routes, desk: Desk) -> None:
    @routes.get(
        "/inbox/{index}", summary="One letter; asking does not mark it as read", responses=answers("Letter", 400, 404)
    )
    def letter(request: Request, index: Index) -> Response:
        asker_of(request, Role.OFFICER)
        return json_answer(letter_form(letter_at(desk.node, str(index))))

    @routes.post(
        "/inbox/{index}/read", summary="Say that one has read a letter; who was first stays",
        responses=answers("Letter", 400, 404),
    )  # fmt: skip
    def read(request: Request, index: Index) -> Response:
        visitor = asker_of(request, Role.OFFICER)
        return json_answer(letter_form(marked_read(desk, visitor, letter_at(desk.node, str(index)))))

    @routes.post(
        "/inbox/{index}/unread", summary="Let a letter be one that nobody has opened",
        responses=answers("Letter", 400, 404),
    )  # fmt: skip
    def unread(request: Request, index: Index) -> Response:
        visitor = asker_of(request, Role.OFFICER)
        return json_answer(letter_form(marked_unread(desk, visitor, str(index))))

    @routes.post(
        "/inbox/answer", status_code=201, summary="Begin an offer or an activity that answers a need",
        responses=answers("Draft", 400, 404, 409, 413, 422, 429, status=201, tagged=True, replayed=True, created=True),
        openapi_extra={**body_of("Answer"), **headers_of("Idempotency-Key")},
    )  # fmt: skip
    def answer(request: Request, body: Body) -> Response:
        visitor, asked = asker_of(request, Role.OFFICER), read_as(Answer, body)
        given = {name: str(value) for name, value in asked.model_dump().items() if value is not None}
        made = once(desk.node, request, body, lambda: [begun(desk, visitor, given).number])
        draft = drafting.opened(desk, visitor, made.done[0])
        headers = {"Location": f"/api/v1/drafts/{draft.number}", **made.headers}
        return draft_answer(draft, visitor, HTTPStatus.CREATED, headers)


def _record(desk: Desk, kind: str, record_id: str) -> Any:
    try:
        return found(desk.node, kind, record_id)[0]
    except Refusal:
        return None  # it was kept here only, and nothing is left of it
