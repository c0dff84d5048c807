"""The inbox: what others have written to this organization, needs that match it, and the way to an answer."""

import re
from typing import Any, NamedTuple

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from node.answering import KINDS, answer_entry
from node.forms import now_text
from node.matching import (
    address_of,
    interests_of,
    needs_at_hub,
    needs_in_inbox,
    read_need,
)
from node.network_view import record_at_hub
from node.node import Node
from node.pages.asking import visitor_of
from node.pages.desk import Desk, Role, Visitor
from node.pages.forms import form, go_to
from node.refusal import Refusal
from node.store import Draft, Letter
from node.store.drafts import TooMany
from node.store.letters import Address
from node.store.needs import Answer
from schemas.need_life import OPEN
from schemas.sentences import gettext_noop as N_
from schemas.sentences import sentence
from schemas.shapes import record_fields
from schemas.statement import is_org, is_record_id
from ui.pages import Pages
from ui.routes import Routes
from wire.reasons import EXPLANATIONS, Explanation, Reason

SHOWN = 50
SHOWN_NEEDS = 20  # of each list; all if they are asked for
UNREAD = "unread"
MAX_INDEX = 2**53


class Shown(NamedTuple):
    """A letter as pages show it: `item` as records are shown, and why it is not valid, if so."""

    letter: Letter
    item: dict[str, Any]
    wrong: Explanation | None

    @property
    def erased(self) -> bool:
        """Whether its author has ordered it to be erased."""
        return self.letter.body is None and self.letter.reason is None

    @property
    def answerable(self) -> bool:
        """Whether it is a need that stands, and is open."""
        record = self.letter.record
        stands = self.letter.superseded is None and self.letter.kind == "need"
        return stands and record is not None and record.get("need_status") in OPEN


def router(desk: Desk, pages: Pages) -> Routes:
    """Give the pages' addresses."""
    routes = Routes(include_in_schema=False)
    node = desk.node

    @routes.get("/inbox")
    def inbox(request: Request) -> Response:
        visitor_of(desk, request, Role.OFFICER)
        older, before = "older" in request.query_params, _index(request.query_params.get("after"))
        unread = request.query_params.get("state") == UNREAD
        letters = node.letters.newest(older=older, unread=unread, before=before, limit=SHOWN + 1)
        sent, matches, interests = [], None, None
        if before is None and not unread:
            interests = interests_of(node, desk.now().date())
            sent, matches = needs_in_inbox(node, interests.items), needs_at_hub(node, interests.items)
        return pages.render(
            request, "inbox.html",
            letters=[_shown(each) for each in letters[:SHOWN]], older=older, unread=unread, first=before is None,
            next=letters[SHOWN - 1].index if len(letters) > SHOWN else None,
            sent=sent, matches=matches, interests=interests, as_of=now_text(desk.now()),
            most=None if "needs" in request.query_params else SHOWN_NEEDS,
        )  # fmt: skip

    @routes.get("/inbox/{index}")
    def one(request: Request, index: str) -> Response:
        visitor = visitor_of(desk, request, Role.OFFICER)
        letter = _opened(desk, request, visitor, letter_at(node, index))
        shown, members = _shown(letter), node.directory.members()
        others = [name for name in letter.readers if name not in (node.settings.organization, letter.org)]
        author = members[letter.org].name if letter.org in members else ""
        versions = node.letters.versions(Address(letter.org, letter.kind, letter.id))
        return pages.render(
            request, "letter.html",
            shown=shown, fields=record_fields(letter.kind, letter.org, letter.record or {}),
            readers=[(name, members[name].name if name in members else "") for name in others],
            answered=_answered(node, shown), author=author,
            versions=[_shown(each) for each in versions if each.index != letter.index],
        )  # fmt: skip

    @routes.post("/inbox/{index}/unread")
    async def mark_unread(request: Request, index: str) -> Response:
        visitor = visitor_of(desk, request, Role.OFFICER)
        await run_in_threadpool(marked_unread, desk, visitor, index)
        return go_to(request, "/inbox")

    @routes.post("/inbox/answer")
    async def answer(request: Request) -> Response:
        visitor = visitor_of(desk, request, Role.OFFICER)
        sent = await form(request)
        draft = await run_in_threadpool(begun, desk, visitor, sent)
        return go_to(request, f"/drafts/{draft.number}")

    return routes


def _answered(node: Node, shown: Shown) -> list[Answer]:
    """Give the own records that answer a need already."""
    if shown.letter.kind != "need":
        return []
    return node.needs.answers([address_of(shown.item)]).get(address_of(shown.item), [])


def begun(desk: Desk, visitor: Visitor, sent: dict[str, str]) -> Draft:
    """Begin an answer of this `kind` to the need in the letter at `index`, or of `org` and `id` at the hub."""
    kind = sent.get("kind", "")
    if kind not in KINDS:
        raise Refusal("not-found", N_("A need is answered with an offer or an activity."))
    index = sent.get("index", "")
    need = _need_of(_shown(letter_at(desk.node, index))) if index else _need_at_hub(desk.node, sent)
    entry = answer_entry(kind, need, desk.node.settings.organization)
    owner, now = (visitor.number, visitor.name), now_text(desk.now())
    note = desk.acts.noted(visitor, "need.answered", address_of(need), f"draft of kind {kind}")
    try:
        draft = desk.node.drafts.begin(kind, None, owner, entry, now, address_of(need), note)
    except TooMany as error:
        raise Refusal("too-large", str(error)) from None
    return draft


def _need_of(shown: Shown) -> dict[str, Any]:
    if not shown.answerable:
        raise Refusal(
            "not-found", N_("This is no need that can be answered: it was changed, closed or withdrawn since.")
        )
    return shown.item


def _need_at_hub(node: Node, sent: dict[str, str]) -> dict[str, Any]:
    org, record_id = sent.get("org", ""), sent.get("id", "")
    if not (is_org(org) and is_record_id(record_id)):
        raise Refusal("not-found", N_("No need was named."))
    view = record_at_hub(node, "need", org, record_id)
    if view.trouble:
        raise Refusal("hub-away", sentence("The need could not be read at the hub now: {cause}", cause=view.trouble))
    need = read_need(view.items[0])
    if need is None or need["record"].get("need_status") not in OPEN:
        raise Refusal("not-found", N_("This need can be answered no more: it was closed or withdrawn since."))
    return need


def _opened(desk: Desk, request: Request, visitor: Visitor, letter: Letter) -> Letter:
    """Note that this person opens a letter: a note about the question, as a log keeps it, that changes no content.

    A browser that only fetches ahead, or takes the page for a part of another, shows it to nobody.
    """
    ahead = "prefetch" in request.headers.get("sec-purpose", "") + request.headers.get("purpose", "")
    if letter.read_at is not None or ahead or request.headers.get("sec-fetch-dest", "document") != "document":
        return letter
    return marked_read(desk, visitor, letter)


def marked_read(desk: Desk, visitor: Visitor, letter: Letter) -> Letter:
    """Write who opened a letter first, and when; whoever opened it before stays."""
    note = desk.acts.noted(visitor, "letter.opened", _named(letter))
    desk.node.letters.opened(letter.index, visitor.name, now_text(desk.now()), note)
    return desk.node.letters.one(letter.index) or letter


def marked_unread(desk: Desk, visitor: Visitor, index: str) -> Letter:
    """Let the letter at this place be one that nobody has opened; Refusal if there is none."""
    letter = letter_at(desk.node, index)
    desk.node.letters.mark_unread(letter.index, desk.acts.noted(visitor, "letter.unread", _named(letter)))
    return desk.node.letters.one(letter.index) or letter


def _named(letter: Letter) -> str:
    return f"{letter.kind}/{letter.org}/{letter.id} at {letter.index}"


def letter_at(node: Node, index: str) -> Letter:
    """Give the letter at this place of the log; Refusal if there is none."""
    number = _index(index)
    letter = None if number is None else node.letters.one(number)
    if letter is None:
        raise Refusal("not-found", N_("There is no such letter in the inbox."))
    return letter


def _index(text: str | None) -> int | None:
    """Read a place in the log; those of a log that was lost are below nought."""
    if text is None or re.fullmatch(r"-?[0-9]{1,16}", text) is None:
        return None
    return max(-MAX_INDEX, min(int(text), MAX_INDEX))


def _shown(letter: Letter) -> Shown:
    status = "withdrawn" if letter.action == "withdrawn" else "current"
    item = {
        "kind": letter.kind, "org": letter.org, "id": letter.id, "marking": letter.marking,
        "record": letter.record or {}, "status": status if letter.superseded is None else "superseded",
    }  # fmt: skip
    known = letter.reason in Reason.__members__.values()
    wrong = EXPLANATIONS[Reason(letter.reason)] if known and letter.reason else None
    return Shown(letter, item, wrong)
