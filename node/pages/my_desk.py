"""My desk: drafts, what waits for review, what goes stale, what the hub refused and why, what arrived last."""

from typing import Any

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from node import forms
from node.edit import Confirm
from node.pages.asking import visitor_of
from node.pages.desk import Desk, Role, Visitor
from node.pages.drafting import needs_review
from node.pages.forms import form, go_to
from node.refusal import Refusal
from node.store.letters import MAX_COUNTED
from schemas.sentences import gettext_noop as N_
from ui.pages import Pages
from ui.routes import Routes

SHOWN = 20
SAID = ("saved", "deleted", "submitted", "returned", "confirmed")


def router(desk: Desk, pages: Pages) -> Routes:
    """Give the page's address."""
    routes = Routes(include_in_schema=False)

    @routes.get("/desk")
    def my_desk(request: Request) -> Response:
        visitor = visitor_of(desk, request)
        node = desk.node
        review, batches = [], []
        if visitor.may(Role.REVIEWER):
            review, batches = node.drafts.to_review(visitor.number), node.batches.to_review(visitor.number)
        refused = [_shown(desk, each) for each in node.reading.judged(SHOWN)]
        stale = [_shown(desk, each) for each in node.reading.stale(desk.now().date(), SHOWN + 1)]
        return pages.render(
            request, "desk.html",
            drafts=node.drafts.of(visitor.number, SHOWN), review=review, batches=batches, four_eyes=needs_review(node),
            alarms=forms.standing_alarms(node.reading.chain(), node.log),
            refused=refused, stale=stale[:SHOWN], more_stale=len(stale) > SHOWN,
            last=[_shown(desk, each) for each in node.reading.newest(SHOWN)], as_of=forms.now_text(desk.now()),
            unread=node.letters.unread() if visitor.may(Role.OFFICER) else 0, most_unread=MAX_COUNTED,
            said=next((each for each in SAID if each in request.query_params), ""), officer=visitor.may(Role.OFFICER),
        )  # fmt: skip

    @routes.post("/desk/confirm")
    async def still_valid(request: Request) -> Response:
        visitor = visitor_of(desk, request, Role.OFFICER)
        sent = await form(request)
        kind, record_id = sent.get("kind", ""), sent.get("id", "")
        if not kind or not record_id:
            raise Refusal("not-found", N_("No record was named."))
        await run_in_threadpool(_confirm, desk, visitor, kind, record_id)
        desk.edited()
        return go_to(request, "/desk", confirmed=1)

    return routes


def _confirm(desk: Desk, visitor: Visitor, kind: str, record_id: str) -> None:
    with desk.acts.noting(visitor, "record.confirmed", f"{kind}/{record_id}") as noting:
        desk.node.editor.apply([Confirm(kind, record_id)], note=noting.note)


def _shown(desk: Desk, stood: Any) -> dict[str, Any]:
    return forms.record_form(stood, desk.node.settings.organization, desk.now().date())
