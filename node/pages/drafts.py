"""The pages on which a record is entered: the form, the check before publishing, the review by a second person."""

from http import HTTPStatus

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from node.audience import audience_of_entry
from node.entry_form import controls_of
from node.entry_form.problems import names_of
from node.network_view import possible_duplicates
from node.pages.asking import visitor_of
from node.pages.desk import Desk, Role, Visitor
from node.pages.drafting import (
    MARKINGS,
    begin,
    begin_new,
    check_may_publish,
    discard,
    give_back,
    judge,
    needs_review,
    opened,
    own,
    publish,
    save,
    shown_values,
    submit,
    told_by_hub,
    typed,
)
from node.pages.forms import fields, go_to
from node.pages.kinds import ENTERED
from node.refusal import Refusal
from node.store import Draft
from schemas.shapes import record_fields
from ui.pages import Pages
from ui.routes import Routes

MAX_FORM = 450_000  # bytes
MAX_FIELDS = 20_000
Sent = dict[str, list[str]]


def router(desk: Desk, pages: Pages) -> Routes:
    """Give the pages' addresses."""
    routes = Routes(include_in_schema=False)

    @routes.get("/new")
    def choose(request: Request) -> Response:
        visitor_of(desk, request, Role.OFFICER)
        return pages.render(request, "new.html", kinds=ENTERED)

    @routes.post("/drafts")
    async def create(request: Request) -> Response:
        visitor = visitor_of(desk, request, Role.OFFICER)
        sent = await _sent(request)
        kind, record_id = _one(sent, "kind"), _one(sent, "id") or None
        asked = (begin, desk, visitor, kind, record_id) if record_id else (begin_new, desk, visitor, kind)
        draft = await run_in_threadpool(*asked)
        return go_to(request, f"/drafts/{draft.number}")

    @routes.get("/drafts/{number}")
    def form(request: Request, number: int) -> Response:
        visitor = visitor_of(desk, request, Role.OFFICER)
        draft = own(desk, visitor, number)
        said = judge(draft).problems if "tried" in request.query_params else told_by_hub(desk.node, draft)
        return _form(desk, pages, request, draft, said)

    @routes.post("/drafts/{number}")
    async def saving(request: Request, number: int) -> Response:
        visitor = visitor_of(desk, request, Role.OFFICER)
        sent = await _sent(request)
        return await run_in_threadpool(_saved, desk, pages, request, visitor, number, sent)

    @routes.get("/drafts/{number}/check")
    def check(request: Request, number: int) -> Response:
        visitor = visitor_of(desk, request, Role.OFFICER, Role.REVIEWER)
        draft = opened(desk, visitor, number)
        if judge(draft).entry is None:
            return go_to(request, f"/drafts/{number}", tried=1)
        return _check(desk, pages, request, visitor, draft)

    @routes.post("/drafts/{number}/check")
    async def decide(request: Request, number: int) -> Response:
        visitor = visitor_of(desk, request, Role.OFFICER, Role.REVIEWER)
        sent = await _sent(request)
        return await run_in_threadpool(_decided, desk, pages, request, visitor, number, sent)

    return routes


def _saved(desk: Desk, pages: Pages, request: Request, visitor: Visitor, number: int, sent: Sent) -> Response:
    draft = _as_opened(own(desk, visitor, number), sent)
    if _one(sent, "act") == "delete":
        discard(desk, visitor, draft)
        return go_to(request, "/desk", deleted=1)
    saved = save(desk, draft, typed(draft, sent))
    if _one(sent, "act") == "automatic":
        return Response(str(saved.version), media_type="text/plain", headers={"Cache-Control": "no-store"})
    if _one(sent, "act") != "check":
        return go_to(request, f"/drafts/{number}", saved=1)
    judged = judge(saved)
    if judged.entry is not None:
        return go_to(request, f"/drafts/{number}/check")
    return _form(desk, pages, request, saved, judged.problems, HTTPStatus.UNPROCESSABLE_ENTITY)


def _form(
    desk: Desk, pages: Pages, request: Request, draft: Draft, said: dict[str, str], status: int = HTTPStatus.OK
) -> Response:
    controls = controls_of(draft.kind)
    first = [each for each in controls if each.required or each.usual]
    others = [each for each in controls if not (each.required or each.usual)]
    problems = [
        {"field": element, "message": pages.said(request, message), "names": names_of(controls, element)}
        for element, message in said.items()
    ]
    wrong = {element.partition(".")[0] for element in said}
    return pages.render(
        request, "draft.html", status,
        draft=draft, first=first, others=others, values=shown_values(draft), said=said, problems=problems,
        more=draft.id is not None or any(each.name in wrong for each in others), markings=MARKINGS,
        members=desk.node.directory.members(), saved="saved" in request.query_params,
    )  # fmt: skip


def _check(
    desk: Desk, pages: Pages, request: Request, visitor: Visitor, draft: Draft, problem: str = "",
    status: int = HTTPStatus.OK,
) -> Response:  # fmt: skip
    entry = judge(draft).entry
    assert entry is not None  # noqa: S101 - asked before
    organization = desk.node.settings.organization
    audience = audience_of_entry(desk.node, entry)
    problems = [{"field": "", "message": pages.said(request, problem)}] if problem else []
    return pages.render(
        request, "check.html", status,
        draft=draft, entry=entry, fields=record_fields(entry.kind, organization, entry.record), audience=audience,
        duplicates=possible_duplicates(desk.node, entry), own=draft.owner == visitor.number,
        four_eyes=needs_review(desk.node), problems=problems,
    )  # fmt: skip


def _decided(desk: Desk, pages: Pages, request: Request, visitor: Visitor, number: int, sent: Sent) -> Response:
    draft = _as_opened(opened(desk, visitor, number), sent)
    act, mine = _one(sent, "act"), draft.owner == visitor.number
    if act == "submit" and mine:
        submit(desk, visitor, draft)
        return go_to(request, "/desk", submitted=1)
    if act == "return":
        give_back(desk, visitor, draft, _one(sent, "note"))
        return go_to(request, "/desk", returned=1)
    check_may_publish(desk, visitor, draft)
    entry = judge(draft).entry
    if entry is None:
        return go_to(request, f"/drafts/{number}", tried=1)
    try:
        record_id = publish(desk, visitor, draft, entry)
    except Refusal as error:
        if error.reason in {"not-found", "draft-changed"}:
            raise
        return _check(desk, pages, request, visitor, draft, str(error), HTTPStatus.UNPROCESSABLE_ENTITY)
    return go_to(request, f"/records/{entry.kind}/{record_id}", published=1)


def _as_opened(draft: Draft, sent: Sent) -> Draft:
    """The draft as the form was opened with it: whoever changed it meanwhile is not overwritten."""
    version = _one(sent, "draft-version")
    number = int(version) if version.isascii() and version.isdigit() and len(version) < 10 else 0
    return draft._replace(version=number)


async def _sent(request: Request) -> Sent:
    sent: Sent = {}
    for name, value in await fields(request, MAX_FORM, MAX_FIELDS):
        sent.setdefault(name, []).append(value)
    return sent


def _one(sent: Sent, name: str) -> str:
    return next(iter(sent.get(name, ())), "").strip()
