"""The page Outbox: what waits to be proven in the log, what the hub said of it, and alarms with their ways out."""

from typing import Any, Final

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from node import forms
from node.lock import is_served
from node.pages.asking import visitor_of
from node.pages.desk import Desk, Role, Visitor
from node.pages.forms import form, go_to
from node.refusal import Refusal
from node.settling import MAX_REASON, settle
from schemas.records import KINDS
from ui.languages import gettext_noop as N_
from ui.pages import Pages
from ui.routes import Routes

SHOWN: Final = 50
MAX_SEQUENCE: Final = 10**12
# What is done with a record, in words.
ACTIONS: Final = {
    "published": N_("published"),
    "revised": N_("changed"),
    "confirmed": N_("confirmed"),
    "withdrawn": N_("withdrawn"),
    "key.rotated": N_("another key"),
    "erasure.ordered": N_("order to erase"),
}


def router(desk: Desk, pages: Pages) -> Routes:
    """Give the page's address, and that for settling an alarm."""
    routes = Routes(include_in_schema=False)

    @routes.get("/outbox")
    def outbox(request: Request) -> Response:
        visitor_of(desk, request)
        return _page(desk, pages, request)

    @routes.post("/outbox/settle")
    async def settle_alarm(request: Request) -> Response:
        visitor = await run_in_threadpool(visitor_of, desk, request, Role.ADMINISTRATOR)
        sent = await form(request)
        number, reason = sent.get("alarm", ""), sent.get("reason", "")
        try:
            await run_in_threadpool(settled, desk, visitor, number, reason)
        except Refusal as error:
            if error.reason != "no-reason":
                raise
            tried = {"alarm": number, "reason": reason, "problem": str(error)}
            return await run_in_threadpool(_page, desk, pages, request, tried)
        return go_to(request, "/outbox", settled=1)

    return routes


def settled(desk: Desk, visitor: Visitor, number: str, reason: str) -> None:
    """Settle an alarm with a reason; Refusal if there is none that can be."""
    with desk.acts.noting(visitor, "alarm.settled", number, reason) as act:
        settle(desk.node, number, reason, desk.now(), act.note)


def _page(desk: Desk, pages: Pages, request: Request, tried: dict[str, str] | None = None) -> Response:
    after = request.query_params.get("after", "0")
    if not (after.isascii() and after.isdigit() and int(after[:13]) < MAX_SEQUENCE):
        raise Refusal("not-found", N_("after is the number of an event."))
    visitor = desk.visitor(request)
    wrong = None if tried is None else (f"reason-{tried['alarm']}", pages.said(request, tried["problem"]))
    return pages.render(
        request, "outbox.html", 422 if tried else 200, **found(desk, int(after)), first=after == "0", actions=ACTIONS,
        tried=tried, most=MAX_REASON, administrator=visitor is not None and visitor.may(Role.ADMINISTRATOR),
        settled="settled" in request.query_params, as_of=desk.now_text(),
        problems=[{"field": wrong[0], "message": wrong[1]}] if wrong else [],
    )  # fmt: skip


def found(desk: Desk, after: int) -> dict[str, Any]:
    """Give what waits behind an event, what the hub said of it, how the relay stands, and all alarms."""
    node = desk.node
    number, oldest = node.outbox.waiting()
    items, relay = node.outbox.listed(SHOWN + 1, after), node.outbox.relay()
    alarms = forms.alarms_form(node.reading.chain(), node.log)
    return {
        "waiting": number, "oldest": oldest,
        "items": [_shown(each, relay.sent, relay.logged) for each in items[:SHOWN]],
        "following": items[SHOWN - 1].sequence if len(items) > SHOWN else None, "relay": relay,
        "judgements": {each.sequence: forms.judgement_form(each) for each in node.reading.judgements()},
        "served": is_served(node.settings.directory), "standing": [each for each in alarms if each["settled"] is None],
        "past": [each for each in alarms if each["settled"] is not None],
    }  # fmt: skip


def _shown(item: Any, sent: int, logged: int) -> dict[str, Any]:
    step = "logged" if item.sequence <= logged else "sent" if item.sequence <= sent else "signed"
    return {**item._asdict(), "step": step, "record": item.kind in KINDS}
