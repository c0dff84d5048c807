"""One act on many own records at once: planned and shown first, then made whole or not at all."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import orjson

from node.edit import ENDED, Change, Confirm, Done, Put, Withdraw
from node.node import Node
from node.refusal import Refusal
from node.release import stays_here
from node.store.note import Note, no_note
from node.store.writing import Address, Kept
from schemas.entry import InvalidEntry, parse_entry, to_entry
from schemas.facets import facets
from schemas.release import FOR_NAMED, violation
from schemas.sentences import gettext_noop as N_
from schemas.sentences import sentence

MAX_CHOSEN: Final = 500
CONFIRM, WITHDRAW, MARKING, REVIEW_DUE, ADD_THEME, REMOVE_THEME = ACTS = (
    "confirm", "withdraw", "marking", "review_due", "add_theme", "remove_theme",
)  # fmt: skip


class Work(NamedTuple):
    """What is to be done: an act, its value (reason, marking, day or scheme:code), and to which records."""

    act: str
    value: str
    recipients: tuple[str, ...]
    addresses: tuple[Address, ...]

    def form(self) -> dict[str, Any]:
        """Give it as JSON values."""
        return {"act": self.act, "value": self.value, "recipients": self.recipients, "addresses": self.addresses}


class Item(NamedTuple):
    """A record that was chosen; `problem` says why nothing is done to it."""

    kind: str
    id: str
    title: str
    problem: str = ""


@dataclass
class Plan:
    """What would be done; `digest` tells whether the records still stand as they did when it was shown."""

    changes: list[Change] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    left_out: list[Item] = field(default_factory=list)
    digest: str = ""


def work_of(form: Mapping[str, Any]) -> Work:
    """Read what `Work.form` gave."""
    addresses = tuple((kind, record_id) for kind, record_id in form["addresses"])
    return Work(form["act"], form["value"], tuple(form["recipients"]), addresses)


def plan(node: Node, work: Work) -> Plan:
    """Say what the act would do; Refusal if it cannot be done to anything."""
    if work.act not in ACTS:
        raise Refusal(
            "schema-invalid", sentence("{act} is none of {acts}", act=repr(work.act[:40]), acts=", ".join(ACTS))
        )
    if len(work.addresses) > MAX_CHOSEN:
        raise Refusal(
            "schema-invalid",
            sentence("At most {max_chosen} records are changed at once; choose fewer.", max_chosen=MAX_CHOSEN),
        )
    found = Plan()
    kept = _kept(node, work.addresses)
    for address in dict.fromkeys(work.addresses):
        stood = kept.get(address)
        title = "" if stood is None or stood.state == "erased" else facets(stood.kind, stood.record).title
        change = _change(work, stood)
        if isinstance(change, str):
            found.left_out.append(Item(*address, title, change))
        else:
            found.changes.append(change)
            found.items.append(Item(*address, title))
    found.digest = _digest(kept, found.items)
    return found


def carry_out(node: Node, work: Work, digest: str, note: Note = no_note) -> list[Done]:
    """Do it in one transaction; Refusal `changed-meanwhile` if the records are no longer those that were shown."""
    planned = plan(node, work)

    def check(kept: Mapping[Address, Kept]) -> None:
        if _digest(kept, planned.items) != digest:
            raise Refusal("changed-meanwhile", N_("Some of these records were changed meanwhile. Look at them again."))

    return node.editor.apply(planned.changes, check=check, note=note)


def _change(work: Work, kept: Kept | None) -> Change | str:
    if kept is None or kept.state in ENDED:
        return N_("It is not here any more, or has ended.")
    if work.act == CONFIRM:
        if kept.state != "current":
            return N_("It is only kept here; others do not see it.")
        return Confirm(kept.kind, kept.id)
    if work.act == WITHDRAW:
        return Withdraw(kept.kind, kept.id, work.value)
    marking, recipients = kept.marking, kept.recipients
    if work.act == MARKING:
        marking, recipients = work.value, (work.recipients if work.value in FOR_NAMED else ())
    entry = to_entry(kept.kind, kept.id, marking, _edited(work, kept.record), recipients)
    try:
        parsed = parse_entry(entry)
    except InvalidEntry as error:
        return str(error)
    refused = violation(parsed.kind, parsed.record, parsed.marking)
    if refused is not None and not stays_here(parsed):
        return refused[1].message
    if (parsed.marking, parsed.record, parsed.recipients) == (kept.marking, kept.record, kept.recipients):
        return N_("It says so already.")
    return Put(parsed)


def _edited(work: Work, record: dict[str, Any]) -> dict[str, Any]:
    if work.act == REVIEW_DUE:
        return {**record, "review_due": work.value}
    if work.act not in {ADD_THEME, REMOVE_THEME}:
        return record
    scheme, _, code = work.value.partition(":")
    theme = {"scheme": scheme, "code": code}
    others = [each for each in record.get("themes", ()) if each != theme]
    if work.act == REMOVE_THEME:
        return {**record, "themes": others}
    return record if len(others) < len(record.get("themes", ())) else {**record, "themes": [*others, theme]}


def _kept(node: Node, addresses: Sequence[Address]) -> dict[Address, Kept]:
    by_kind: dict[str, list[str]] = {}
    for kind, record_id in addresses:
        by_kind.setdefault(kind, []).append(record_id)
    return {
        (kind, record_id): kept
        for kind, ids in by_kind.items()
        for record_id, kept in node.grid.records(kind, ids).items()
    }


def _digest(kept: Mapping[Address, Kept], items: Sequence[Item]) -> str:
    lines = [[each.kind, each.id, _version(kept.get((each.kind, each.id)))] for each in items]
    return hashlib.sha256(orjson.dumps(lines)).hexdigest()


def _version(kept: Kept | None) -> list[Any]:
    if kept is None:
        return []
    return [kept.state, kept.marking, kept.recipients, hashlib.sha256(kept.content).hexdigest()]


def pairs(chosen: Sequence[str]) -> Iterator[Address]:
    """Read addresses as the boxes of the grid send them: kind/id."""
    for each in chosen:
        kind, slash, record_id = each.partition("/")
        if slash and len(kind) <= 20 and len(record_id) <= 64:
            yield kind, record_id
