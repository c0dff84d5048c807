"""The API's drafts: written, checked, handed in, approved by a second person or given back; as on the desk's pages."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import Query, Request
from starlette.responses import Response

from node.accounts.rules import Role
from node.api.answers import Body, Json, Number, json_answer, known_parameters, read_as
from node.api.asker import asker_of, routes_by_token
from node.api.bodies import DraftEntry, NewDraft, Returned
from node.api.conditions import check_version
from node.api.description import answers, body_of, headers_of
from node.api.once import once
from node.audience import audience_of_entry
from node.network_view import possible_duplicates
from node.pages import drafting
from node.pages.desk import Desk, Visitor
from node.problem_details import problem_forms
from node.store import Draft
from schemas.entry import InvalidEntry
from ui.routes import Routes

SHOWN = 500
OFFICER, REVIEWER = Role.OFFICER, Role.REVIEWER


def draft_routes(desk: Desk) -> Routes:
    """Give the addresses."""
    routes = routes_by_token(desk.node, "drafts")
    _list(routes, desk)
    _one(routes, desk)
    _decisions(routes, desk)
    return routes


def _list(routes: Routes, desk: Desk) -> None:
    @routes.get(
        "/drafts", summary="Your drafts, those changed last first; or what waits for you to review it",
        responses=answers("DraftList", 400),
    )  # fmt: skip
    def listed(
        request: Request, review: Annotated[bool, Query(description="What others have handed in for review.")] = False
    ) -> Response:
        known_parameters(request.query_params, "review")
        visitor = asker_of(request, REVIEWER if review else OFFICER)
        drafts = desk.node.drafts
        found = drafts.to_review(visitor.number, SHOWN) if review else drafts.of(visitor.number, SHOWN)
        return json_answer({"items": [_form(each, visitor) for each in found], "as_of": desk.now_text()})

    @routes.post(
        "/drafts", status_code=201, summary="Begin a draft of a new record, or of one that is to be revised",
        responses=answers("Draft", 400, 404, 409, 413, 422, 429, status=201, tagged=True, replayed=True, created=True),
        openapi_extra={**body_of("NewDraft"), **headers_of("Idempotency-Key")},
    )  # fmt: skip
    def begin(request: Request, body: Body) -> Response:
        visitor, asked = asker_of(request, OFFICER), read_as(NewDraft, body)
        written = None if asked.entry is None else asked.entry.written()

        def work() -> list[Any]:
            return [drafting.begin(desk, visitor, asked.kind, asked.id, written).number]

        made = once(desk.node, request, body, work)
        draft = drafting.opened(desk, visitor, made.done[0])
        headers = {"Location": f"/api/v1/drafts/{draft.number}", **made.headers}
        return draft_answer(draft, visitor, HTTPStatus.CREATED, headers)


def _one(routes: Routes, desk: Desk) -> None:
    @routes.get("/drafts/{number}", summary="One draft", responses=answers("Draft", 400, 404, tagged=True))
    def one(request: Request, number: Number) -> Response:
        visitor = asker_of(request, OFFICER, REVIEWER)
        return draft_answer(drafting.opened(desk, visitor, number), visitor)

    @routes.put(
        "/drafts/{number}", summary="Keep a draft as it is written now; what waited for review waits no more",
        responses=answers("Draft", 400, 404, 409, 412, 413, 422, 428, tagged=True),
        openapi_extra={**body_of("DraftEntry"), **headers_of("If-Match", needed=True)},
    )  # fmt: skip
    def save(request: Request, number: Number, body: Body) -> Response:
        visitor = asker_of(request, OFFICER)
        draft = _as_seen(request, drafting.own(desk, visitor, number))
        return draft_answer(drafting.save(desk, draft, read_as(DraftEntry, body).written()), visitor)

    @routes.delete(
        "/drafts/{number}", status_code=204, summary="Take a draft away",
        responses=answers(None, 400, 404, 409, 412, 428, status=204), openapi_extra=headers_of("If-Match", needed=True),
    )  # fmt: skip
    def discard(request: Request, number: Number) -> Response:
        visitor = asker_of(request, OFFICER)
        drafting.discard(desk, visitor, _as_seen(request, drafting.own(desk, visitor, number)))
        return Response(None, HTTPStatus.NO_CONTENT)

    @routes.get(
        "/drafts/{number}/check", summary="What is wrong with a draft, who would read it, what there is like it",
        responses=answers("Checked", 400, 404, tagged=True),
    )  # fmt: skip
    def check(request: Request, number: Number) -> Response:
        visitor = asker_of(request, OFFICER, REVIEWER)
        draft = drafting.opened(desk, visitor, number)
        return json_answer(_checked(desk, visitor, draft), headers={"ETag": _tag(draft)})


def _decisions(routes: Routes, desk: Desk) -> None:
    def decision(path: str, form: str, summary: str, **beside: Json) -> Callable[..., Any]:
        return routes.post(
            f"/drafts/{{number}}/{path}", summary=summary,
            responses=answers(form, 400, 404, 409, 412, 413, 422, 428, tagged=form == "Draft"),
            openapi_extra={**headers_of("If-Match", needed=True), **beside},
        )  # fmt: skip

    @decision("submit", "Draft", "Hand a draft in, for a second person to approve it")
    def submit(request: Request, number: Number) -> Response:
        visitor = asker_of(request, OFFICER)
        draft = _as_seen(request, drafting.own(desk, visitor, number))
        return draft_answer(drafting.submit(desk, visitor, draft), visitor)

    @decision("return", "Returned", "Give another's draft back, with what is to be changed", **body_of("Returned"))
    def give_back(request: Request, number: Number, body: Body) -> Response:
        visitor, asked = asker_of(request, REVIEWER), read_as(Returned, body)
        draft = _as_seen(request, drafting.opened(desk, visitor, number))
        drafting.give_back(desk, visitor, draft, asked.note)
        return json_answer(asked.model_dump())

    @decision("publish", "Published", "Publish one's draft; or approve another's, where two must agree")
    def publish(request: Request, number: Number) -> Response:
        visitor = asker_of(request, OFFICER, REVIEWER)
        draft = _as_seen(request, drafting.opened(desk, visitor, number))
        drafting.check_may_publish(desk, visitor, draft)
        entry = drafting.entry_of(draft)
        return json_answer({"kind": entry.kind, "id": drafting.publish(desk, visitor, draft, entry)})


def _as_seen(request: Request, draft: Draft) -> Draft:
    """Give the draft if it is the version that If-Match names, which its change is then held against."""
    check_version(request, str(draft.version), needed=True)
    return draft


def _tag(draft: Draft) -> str:
    return f'"{draft.version}"'


def draft_answer(
    draft: Draft, visitor: Visitor, status: HTTPStatus = HTTPStatus.OK, headers: dict[str, str] | None = None
) -> Response:
    """Answer with a draft, and its version as ETag."""
    return json_answer(_form(draft, visitor), status, {"ETag": _tag(draft), **(headers or {})})


def _form(draft: Draft, visitor: Visitor) -> Json:
    own = draft.owner == visitor.number
    return {
        "number": draft.number, "kind": draft.kind, "id": draft.id, "owner": draft.owner_name, "own": own,
        "entry": draft.entry, "state": draft.state, "note": draft.note, "began": draft.began, "changed": draft.changed,
    }  # fmt: skip


def _checked(desk: Desk, visitor: Visitor, draft: Draft) -> Json:
    may = {
        "four_eyes": drafting.needs_review(desk.node), "may_publish": drafting.may_publish(desk, visitor, draft),
    }  # fmt: skip
    try:
        entry = drafting.entry_of(draft)
    except InvalidEntry as error:
        found = problem_forms(error.problems)
        return {"valid": False, "errors": found, "audience": None, "duplicates": None, **may}
    like = possible_duplicates(desk.node, entry)._asdict()
    audience = audience_of_entry(desk.node, entry).form()
    return {"valid": True, "errors": [], "audience": audience, "duplicates": like, **may}
