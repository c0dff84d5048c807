"""Drafts as people handle them, on pages and by the API: opened, read from a form, judged, reviewed, published."""

from collections.abc import Callable
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Connection

from node.edit import Put, with_id
from node.entry_form import controls_of, read_form, shown_value
from node.entry_form.problems import problems_by_control
from node.entry_form.reading import Sent
from node.forms import now_text
from node.node import Node
from node.pages.desk import Desk, Role, Visitor
from node.refusal import Refusal
from node.store import Draft
from node.store.drafts import REVIEW, Changed, TooMany, end_draft
from node.store.needs import remember_answer
from schemas.entry import Entry, InvalidEntry, parse_entry
from schemas.problems import Problem
from schemas.records import KINDS
from schemas.release import CLEAR
from schemas.sentences import gettext_noop as N_
from schemas.sentences import sentence

NOT_THERE = N_("There is no such draft, or it is another person's.")
OWN = ("organization", "requester", "provider", "issuer", "from_org")  # fields that most often name oneself
MARKINGS = ("TLP:CLEAR", "TLP:GREEN", "TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED")


class Judged(NamedTuple):
    """A draft's entry if it is valid, and what is wrong with it by control."""

    entry: Entry | None
    problems: dict[str, str]


def begin(
    desk: Desk, visitor: Visitor, kind: str, record_id: str | None, written: dict[str, Any] | None = None
) -> Draft:
    """Begin a draft of a kind, or of a record that is to be revised; Refusal if there is no such kind or record.

    `written` is its entry, if it is not begun with what stands, or with nothing.
    """
    if kind not in KINDS:
        raise Refusal("not-found", sentence("{kind} is no kind of record.", kind=repr(kind[:40])))
    entry: dict[str, Any] = {"marking": CLEAR, "record": {}}
    if record_id is not None:
        stood = desk.node.reading.record(kind, record_id)
        if stood is None or stood.kept.state == "erased":
            raise Refusal(
                "not-found",
                sentence(
                    "{kind}/{record_id} is not a record of this node, or it is erased.",
                    kind=kind,
                    record_id=record_id[:80],
                ),
            )
        now = stood.kept
        entry = {"marking": now.marking, "recipients": list(now.recipients), "record": now.record}
        if kind == "finding" and (sources := desk.node.reading.sources(record_id)) is not None:
            entry["derived_from"] = list(sources.addresses)
    owner, entry = (visitor.number, visitor.name), written or entry
    draft: Draft = kept(desk.node.drafts.begin, kind, record_id, owner, entry, now_text(desk.now()))
    if written is not None and draft.entry != written:
        raise Refusal(
            "draft-changed",
            sentence(
                "You are revising {kind}/{record_id} already: go on with draft {number}.",
                kind=kind,
                record_id=record_id,
                number=draft.number,
            ),
        )
    return draft


def begin_new(desk: Desk, visitor: Visitor, kind: str) -> Draft:
    """Begin a draft of a kind with what nearly everybody would type into it; Refusal if there is no such kind."""
    usual = {"marking": CLEAR, "record": _usual(desk, kind)} if kind in KINDS else None
    return begin(desk, visitor, kind, None, usual)


def _usual(desk: Desk, kind: str) -> dict[str, Any]:
    """Give what nearly everybody would type into an empty form: one's own organization, and for contacts today."""
    own = desk.node.settings.organization
    named = {each.name: own for each in controls_of(kind) if each.required and each.name in OWN}
    return {**named, "confirmed_at": desk.now().date().isoformat()} if kind == "contact" else named


def opened(desk: Desk, visitor: Visitor, number: int) -> Draft:
    """Give a draft to its owner, or to a reviewer if it waits for one; Refusal otherwise."""
    draft = desk.node.drafts.one(number) if 0 < number < 2**53 else None
    if draft is not None:
        if draft.owner == visitor.number:
            return draft
        if draft.state == REVIEW and visitor.may(Role.REVIEWER):
            return draft
    raise Refusal("not-found", NOT_THERE)


def typed(draft: Draft, sent: Sent) -> dict[str, Any]:
    """Give a draft's entry as a form sent it."""
    known = draft.entry.get("record") if isinstance(draft.entry.get("record"), dict) else {}
    record = read_form(controls_of(draft.kind), sent, known=known)
    entry: dict[str, Any] = {"marking": _first(sent, "marking"), "record": record}
    for name in ("recipients", "derived_from"):
        lines = [line.strip() for line in _first(sent, name).splitlines() if line.strip()]
        if lines:
            entry[name] = lines
    return entry


def entry_of(draft: Draft) -> Entry:
    """Check a draft by the very function that checks imports, the API and events; InvalidEntry says what is wrong."""
    given = {name: draft.entry[name] for name in ("marking", "recipients", "derived_from") if draft.entry.get(name)}
    record = dict(draft.entry.get("record") or {})
    if draft.kind == "finding" and "derived_from" in given:
        record.pop("derived_from_commitment", None)
    return parse_entry({"kind": draft.kind, **({"id": draft.id} if draft.id else {}), **given, **record})


def judge(draft: Draft) -> Judged:
    """Give a draft's entry, or what is wrong with it by the control of its form."""
    try:
        return Judged(entry_of(draft), {})
    except InvalidEntry as error:
        return Judged(None, problems_by_control(controls_of(draft.kind), error.problems))


def told_by_hub(node: Node, draft: Draft) -> dict[str, str]:
    """Give what the hub said of the record that is to be corrected, by control, until the first change is kept."""
    stood = None if draft.id is None or draft.version > 1 else node.reading.record(draft.kind, draft.id)
    if stood is None or stood.judged is None:
        return {}
    # A pointer leads into the event's body, whose member `record` is what the form shows.
    within = [
        Problem(each.get("pointer", "").removeprefix("/record"), each["message"], "", "")
        for each in orjson.loads(stood.judged.problems)
        if "message" in each
    ]
    return problems_by_control(controls_of(draft.kind), within)


def shown_values(draft: Draft) -> dict[str, Any]:
    """Give what the controls show of a draft."""
    record = draft.entry.get("record") or {}
    return {each.name: shown_value(each, record.get(each.name)) for each in controls_of(draft.kind)}


def own(desk: Desk, visitor: Visitor, number: int) -> Draft:
    """Give a draft to its owner; Refusal for others."""
    draft = opened(desk, visitor, number)
    if draft.owner != visitor.number:
        raise Refusal("not-allowed", N_("This draft is another person's: you can approve it or give it back."))
    return draft


def save(desk: Desk, draft: Draft, entry: dict[str, Any]) -> Draft:
    """Keep what was typed; Refusal `draft-changed` if it is no longer as it was opened."""
    saved: Draft = kept(desk.node.drafts.save, draft, entry, desk.now_text())
    return saved


def discard(desk: Desk, visitor: Visitor, draft: Draft) -> None:
    """Take the draft away."""
    kept(desk.node.drafts.end, draft, desk.acts.noted(visitor, "draft.deleted", named(draft)))


def submit(desk: Desk, visitor: Visitor, draft: Draft) -> Draft:
    """Hand one's draft to a second person."""
    note = desk.acts.noted(visitor, "draft.submitted", named(draft))
    submitted: Draft = kept(desk.node.drafts.submit, draft, desk.now_text(), note)
    return submitted


def give_back(desk: Desk, visitor: Visitor, draft: Draft, said: str) -> None:
    """Give another's draft back, with what is to be changed."""
    if draft.owner == visitor.number or draft.state != REVIEW:
        raise Refusal("not-allowed", N_("Only what another person has handed in for review can be given back."))
    note = desk.acts.noted(visitor, "draft.returned", named(draft), said)
    kept(desk.node.drafts.give_back, draft, said, desk.now_text(), note)


def may_publish(desk: Desk, visitor: Visitor, draft: Draft) -> bool:
    """Whether this person may: where two must agree, the second is another person, and a reviewer."""
    mine = draft.owner == visitor.number
    if not needs_review(desk.node) and mine:
        return True
    return draft.state == REVIEW and not mine and visitor.may(Role.REVIEWER)


def check_may_publish(desk: Desk, visitor: Visitor, draft: Draft) -> None:
    """Refuse who may not."""
    if not may_publish(desk, visitor, draft):
        raise Refusal(
            "not-allowed", N_("In this organization a second person publishes: hand the draft in for review.")
        )


def publish(desk: Desk, visitor: Visitor, draft: Draft, entry: Entry) -> str:
    """Publish a draft and end it, both or neither; gives the record's id. Refusal if it may not be said.

    Nothing is published if the draft is no longer the one that was opened.
    """
    check_may_publish(desk, visitor, draft)
    by, entry = "" if draft.owner == visitor.number else f"entered by {draft.owner_name}", with_id(entry)
    with desk.acts.noting(visitor, "record.put", f"{entry.kind}/{entry.id}", by) as act:

        def note(connection: Connection) -> None:
            end_draft(connection, draft)
            if draft.answers is not None:
                remember_answer(connection, draft.answers, entry.kind, str(entry.id))
            act.note(connection)

        kept(lambda: desk.node.editor.apply([Put(entry)], note=note))
    desk.edited()
    return str(entry.id)


def named(draft: Draft) -> str:
    """Name a draft in the trail: the record that it revises, or its number where there is none yet."""
    return f"{draft.kind}/{draft.id}" if draft.id else f"{draft.kind}, draft {draft.number}"


def kept(work: Callable[..., Any], *given: Any) -> Any:
    """Do something with a draft; Refusal for what was changed meanwhile, or is too much."""
    try:
        return work(*given)
    except (Changed, TooMany) as error:
        raise Refusal("draft-changed" if isinstance(error, Changed) else "too-large", str(error)) from None


def needs_review(node: Node) -> bool:
    """Whether this organization has a second person look at what is published."""
    return node.settings.four_eyes


def _first(sent: Sent, name: str) -> str:
    return next(iter(sent.get(name, ())), "")
