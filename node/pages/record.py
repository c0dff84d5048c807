"""The page of one own record: its text, how far it has come, its history, and what can be done with it."""

from typing import Any, Final

import orjson
from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from node import forms
from node.audience import audience_of_record
from node.done import Done
from node.edit import Confirm, Withdraw
from node.pages.asking import visitor_of
from node.pages.desk import Desk, Role, Visitor
from node.pages.forms import form, go_to
from node.refusal import Refusal, no_record
from node.store.reading import Said
from schemas.differences import Step, steps
from schemas.release import CLEAR, GREEN
from schemas.sentences import sentence
from schemas.shapes import record_fields
from ui.languages import gettext_noop as N_
from ui.pages import Pages
from ui.routes import Routes

# What can be done with a record, and what it is called in the trail.
ACTS: Final = {"confirm": "record.confirmed", "withdraw": "record.withdrawn", "erase": "record.erased"}
# The steps of a delivery, in their order: name in the form of a record, and what it is called.
TRAIL: Final = (
    ("saved", N_("saved here")),
    ("signed", N_("signed")),
    ("sent", N_("sent")),
    ("logged", N_("logged by the hub")),
    ("witnessed", N_("witnessed")),
    ("in_view", N_("in the global view")),
)


def router(desk: Desk, pages: Pages) -> Routes:
    """Give the page's address, and those of what can be done with a record."""
    routes = Routes(include_in_schema=False)
    organization = desk.node.settings.organization

    @routes.get("/records/{kind}/{record_id}")
    def record(request: Request, kind: str, record_id: str) -> Response:
        visitor = visitor_of(desk, request)
        stood = desk.node.reading.record(kind, record_id)
        if stood is None:
            raise no_record(kind, record_id)
        item = forms.record_form(stood, organization, desk.now().date())
        return pages.render(
            request, "record.html",
            item=item, fields=record_fields(kind, organization, item["record"] or {}), trail=TRAIL,
            history=history_of(desk, kind, record_id),
            audience=audience_of_record(desk.node, kind, record_id), officer=visitor.may(Role.OFFICER),
            published="published" in request.query_params, as_of=forms.now_text(desk.now()),
            under_way=_is_under_way(item), seen_at=_place_at_hub(desk, request, item),
        )  # fmt: skip

    @routes.get("/records/{kind}/{record_id}/{act}")
    def ask(request: Request, kind: str, record_id: str, act: str) -> Response:
        visitor_of(desk, request, Role.OFFICER)
        stood = desk.node.reading.record(kind, record_id)
        if stood is None or act not in ACTS:
            raise no_record(kind, record_id)
        item = forms.record_form(stood, organization, desk.now().date())
        return pages.render(request, "record_act.html", item=item, act=act, problems=[], reason="")

    @routes.post("/records/{kind}/{record_id}/{act}")
    async def do(request: Request, kind: str, record_id: str, act: str) -> Response:
        visitor = visitor_of(desk, request, Role.OFFICER)
        sent = await form(request)
        if act not in ACTS:
            raise Refusal("not-found", sentence("{act} cannot be done with a record.", act=repr(act[:20])))
        await run_in_threadpool(carried_out, desk, visitor, (kind, record_id), act, sent.get("reason", ""))
        stays = desk.node.reading.record(kind, record_id) is not None
        return go_to(request, f"/records/{kind}/{record_id}" if stays else "/desk", published=1)

    return routes


def _is_under_way(item: dict[str, Any]) -> bool:
    """Whether its last event is still to come somewhere, and nothing has to be done for it by a person."""
    return item["status"] != "local" and item["progress"] != "delivered" and "judgement" not in item


def _place_at_hub(desk: Desk, request: Request, item: dict[str, Any]) -> str | None:
    """Give the address of the hub's page about a record, once the hub shows it to those who visit it."""
    hub, shown = desk.node.settings.hub.rstrip("/"), item.get("delivery", {}).get("in_view", False)
    if not hub or not shown or item["marking"] not in {CLEAR, GREEN}:
        return None
    return f"{hub}/{request.state.language}/records/{item['kind']}/{item['org']}/{item['id']}"


def carried_out(desk: Desk, visitor: Visitor, address: tuple[str, str], act: str, reason: str) -> Done:
    """Confirm, withdraw or erase a record; Refusal if that cannot be."""
    with desk.acts.noting(visitor, ACTS[act], "/".join(address), reason) as noting:
        if act == "erase":
            done = desk.node.eraser.erase(*address, reason, noting.note)
        else:
            change = Confirm(*address) if act == "confirm" else Withdraw(*address, reason)
            done = desk.node.editor.apply([change], note=noting.note)[0]
    desk.edited()
    return done


def history_of(desk: Desk, kind: str, record_id: str) -> list[Step]:
    """Give what was said of a record with what changed each time, the newest first."""
    versions = [_version(each) for each in desk.node.reading.history(kind, record_id)]
    return list(reversed(steps(kind, desk.node.settings.organization, versions)))


def _version(said: Said) -> dict[str, Any]:
    """Give an event in the form of a hub's history; what is encrypted is not opened again."""
    version: dict[str, Any] = {
        "type": f"liaison.{said.kind}.{said.action}", "published": said.time, "marking": said.marking,
        "sequence": said.sequence, "index": said.place, "times": {"signed": said.time, **said.times._asdict()},
    }  # fmt: skip
    if said.body is None:
        return {**version, "erased": True}
    try:
        document = orjson.loads(said.body)
    except orjson.JSONDecodeError:
        return version
    for member in ("record", "reason"):
        if isinstance(document, dict) and member in document:
            version[member] = document[member]
    return version
