"""The pages on which a record is entered: the form, the check before publishing, the review by a second person."""

from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from node.audience import audience_of_entry
from node.entry_form import controls_of
from node.network_view import possible_duplicates
from node.pages.asking import visitor_of
from node.pages.desk import Desk, Role, Visitor
from node.pages.drafting import (
    MARKINGS,
    begin,
    judge,
    needs_review,
    opened,
    publish,
    shown_values,
    typed,
)
from node.pages.forms import fields, go_to
from node.refusal import Refusal
from node.store import Draft
from node.store.drafts import REVIEW, Changed, TooMany
from schemas.records import KINDS
from schemas.shapes import record_fields
from ui.pages import Pages

MAX_FORM = 450_000  # bytes
MAX_FIELDS = 20_000
Sent = dict[str, list[str]]


def router(desk: Desk, pages: Pages) -> APIRouter:
    """Give the pages' addresses."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/new")
    def choose(request: Request) -> Response:
        visitor_of(desk, request, Role.OFFICER)
        return pages.render(request, "new.html", kinds=list(KINDS))

    @routes.post("/drafts")
    async def create(request: Request) -> Response:
        visitor = visitor_of(desk, request, Role.OFFICER)
        sent = await _sent(request)
        kind, record_id = _one(sent, "kind"), _one(sent, "id") or None
        draft = await run_in_threadpool(_kept, begin, desk, visitor, kind, record_id)
        return go_to(request, f"/drafts/{draft.number}")

    @routes.get("/drafts/{number}")
    def form(request: Request, number: int) -> Response:
        visitor = visitor_of(desk, request, Role.OFFICER)
        draft = _own(desk, visitor, number)
        tried = "tried" in request.query_params
        return _form(desk, pages, request, draft, judge(draft).problems if tried else {})

    @routes.post("/drafts/{number}")
    async def save(request: Request, number: int) -> Response:
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
    draft = _as_opened(_own(desk, visitor, number), sent)
    if _one(sent, "act") == "delete":
        _kept(desk.node.drafts.end, draft)
        desk.acts.note(visitor, "draft.deleted", _named(draft))
        return go_to(request, "/desk", deleted=1)
    saved = _kept(desk.node.drafts.save, draft, typed(draft, sent), desk.now_text())
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
    problems = [{"field": element, "message": message} for element, message in said.items()]
    return pages.render(
        request, "draft.html", status,
        draft=draft, required=[each for each in controls if each.required],
        others=[each for each in controls if not each.required], values=shown_values(draft), said=said,
        problems=problems, markings=MARKINGS, members=sorted(desk.node.directory.members()),
        saved="saved" in request.query_params,
    )  # fmt: skip


def _check(
    desk: Desk, pages: Pages, request: Request, visitor: Visitor, draft: Draft, problem: str = "",
    status: int = HTTPStatus.OK,
) -> Response:  # fmt: skip
    entry = judge(draft).entry
    assert entry is not None  # noqa: S101 - asked before
    organization = desk.node.settings.organization
    audience = audience_of_entry(desk.node, entry)
    return pages.render(
        request, "check.html", status,
        draft=draft, entry=entry, fields=record_fields(entry.kind, organization, entry.record), audience=audience,
        duplicates=possible_duplicates(desk.node, entry), own=draft.owner == visitor.number,
        four_eyes=needs_review(desk.node), problems=[{"field": "", "message": problem}] if problem else [],
    )  # fmt: skip


def _decided(desk: Desk, pages: Pages, request: Request, visitor: Visitor, number: int, sent: Sent) -> Response:
    draft = _as_opened(opened(desk, visitor, number), sent)
    act, own = _one(sent, "act"), draft.owner == visitor.number
    if act == "submit" and own:
        _kept(desk.node.drafts.submit, draft, desk.now_text())
        desk.acts.note(visitor, "draft.submitted", _named(draft))
        return go_to(request, "/desk", submitted=1)
    if act == "return" and not own and draft.state == REVIEW:
        _kept(desk.node.drafts.give_back, draft, _one(sent, "note"), desk.now_text())
        desk.acts.note(visitor, "draft.returned", _named(draft), _one(sent, "note"))
        return go_to(request, "/desk", returned=1)
    _may_publish(desk, visitor, draft)
    entry = judge(draft).entry
    if entry is None:
        return go_to(request, f"/drafts/{number}", tried=1)
    try:
        record_id = _kept(publish, desk, visitor, draft, entry)
    except Refusal as error:
        if error.reason == "not-found":
            raise
        return _check(desk, pages, request, visitor, draft, str(error), HTTPStatus.UNPROCESSABLE_ENTITY)
    return go_to(request, f"/records/{entry.kind}/{record_id}", published=1)


def _named(draft: Draft) -> str:
    """Name a draft in the trail: the record that it revises, or its number where there is none yet."""
    return f"{draft.kind}/{draft.id}" if draft.id else f"{draft.kind}, draft {draft.number}"


def _may_publish(desk: Desk, visitor: Visitor, draft: Draft) -> None:
    """Where two must agree, the second is another person, and a reviewer."""
    own = draft.owner == visitor.number
    if not needs_review(desk.node) and own:
        return
    if draft.state == REVIEW and not own and visitor.may(Role.REVIEWER):
        return
    raise Refusal("not-allowed", "In this organization a second person publishes: hand the draft in for review.")


def _own(desk: Desk, visitor: Visitor, number: int) -> Draft:
    draft = opened(desk, visitor, number)
    if draft.owner != visitor.number:
        raise Refusal("not-allowed", "This draft is another person's: you can approve it or give it back.")
    return draft


def _as_opened(draft: Draft, sent: Sent) -> Draft:
    """The draft as the form was opened with it: whoever changed it meanwhile is not overwritten."""
    version = _one(sent, "draft-version")
    number = int(version) if version.isascii() and version.isdigit() and len(version) < 10 else 0
    return draft._replace(version=number)


def _kept(work: Any, *given: Any) -> Any:
    try:
        return work(*given)
    except (Changed, TooMany) as error:
        raise Refusal("draft-changed" if isinstance(error, Changed) else "too-large", str(error)) from None


async def _sent(request: Request) -> Sent:
    sent: Sent = {}
    for name, value in await fields(request, MAX_FORM, MAX_FIELDS):
        sent.setdefault(name, []).append(value)
    return sent


def _one(sent: Sent, name: str) -> str:
    return next(iter(sent.get(name, ())), "").strip()
