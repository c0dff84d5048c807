"""Drafts as pages handle them: opened for a person, read from what a form sent, judged, published."""

from typing import Any, NamedTuple

from node.edit import Put
from node.entry_form import controls_of, read_form, shown_value
from node.entry_form.problems import problems_by_control
from node.entry_form.reading import Sent
from node.forms import now_text
from node.node import Node
from node.pages.desk import Desk, Role, Visitor
from node.refusal import Refusal
from node.store import Draft
from node.store.drafts import REVIEW
from schemas.entry import Entry, InvalidEntry, parse_entry
from schemas.records import KINDS
from schemas.release import CLEAR

NOT_THERE = "There is no such draft, or it is another person's."
MARKINGS = ("TLP:CLEAR", "TLP:GREEN", "TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED")


class Judged(NamedTuple):
    """A draft's entry if it is valid, and what is wrong with it by control."""

    entry: Entry | None
    problems: dict[str, str]


def begin(
    desk: Desk, visitor: Visitor, kind: str, record_id: str | None, template: dict[str, Any] | None = None
) -> Draft:
    """Begin a draft of a kind, or of a record that is to be revised; Refusal if there is no such kind or record."""
    if kind not in KINDS:
        raise Refusal("not-found", f"{kind[:40]!r} is no kind of record.")
    entry: dict[str, Any] = {"marking": CLEAR, "record": template or {}}
    if record_id is not None:
        stood = desk.node.reading.record(kind, record_id)
        if stood is None or stood.kept.state == "erased":
            raise Refusal("not-found", f"{kind}/{record_id[:80]} is not a record of this node, or it is erased.")
        kept = stood.kept
        entry = {"marking": kept.marking, "recipients": list(kept.recipients), "record": kept.record}
        if kind == "finding" and (sources := desk.node.reading.sources(record_id)) is not None:
            entry["derived_from"] = list(sources.addresses)
    return desk.node.drafts.begin(kind, record_id, (visitor.number, visitor.name), entry, now_text(desk.now()))


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


def judge(draft: Draft) -> Judged:
    """Check a draft by the very function that checks imports, the API and events."""
    given = {name: draft.entry[name] for name in ("marking", "recipients", "derived_from") if draft.entry.get(name)}
    record = dict(draft.entry.get("record") or {})
    if draft.kind == "finding" and "derived_from" in given:
        record.pop("derived_from_commitment", None)
    try:
        entry = parse_entry({"kind": draft.kind, **({"id": draft.id} if draft.id else {}), **given, **record})
    except InvalidEntry as error:
        return Judged(None, problems_by_control(controls_of(draft.kind), error.problems))
    return Judged(entry, {})


def shown_values(draft: Draft) -> dict[str, Any]:
    """Give what the controls show of a draft."""
    record = draft.entry.get("record") or {}
    return {each.name: shown_value(each, record.get(each.name)) for each in controls_of(draft.kind)}


def publish(desk: Desk, visitor: Visitor, draft: Draft, entry: Entry) -> str:
    """Publish a draft and end it; gives the record's id. Refusal if it may not be said."""
    by = "" if draft.owner == visitor.number else f"entered by {draft.owner_name}"
    with desk.acts.noting(visitor, "record.put", f"{entry.kind}/{entry.id or 'new'}", by) as act:
        done = desk.node.editor.apply([Put(entry)])[0]
        act.subject = f"{done.kind}/{done.id}"
    desk.node.drafts.end(draft)
    desk.edited()
    return done.id


def needs_review(node: Node) -> bool:
    """Whether this organization has a second person look at what is published."""
    return node.settings.four_eyes


def _first(sent: Sent, name: str) -> str:
    return next(iter(sent.get(name, ())), "")
