"""How far a node's first run has come: five steps, found in what the node holds, so that it can be left and resumed."""

from typing import Any, Final, NamedTuple

from node import forms
from node.edit import Confirm, Done, Put
from node.node import Node
from node.refusal import Refusal, no_record
from node.store.note import Note, no_note
from schemas.entry import parse_entry
from schemas.sentences import gettext_noop as N_
from schemas.sentences import sentence
from wire.key_sets import ENROLMENT_FILE

NAMED: Final = "welcome.organization"
TESTED: Final = "welcome.tested"
STEPS: Final = ("saved", "signed", "sent", "logged", "witnessed", "in_view")


class FirstRun(NamedTuple):
    """Which of the five steps are done; `trail` says how far the test event has come, `place` its index in the log."""

    administrator: bool
    organization: bool
    joined: bool
    contact: bool
    tested: bool
    trail: dict[str, bool]
    place: int | None
    progress: str

    @property
    def done(self) -> tuple[bool, ...]:
        """Give the steps in their order."""
        return (self.administrator, self.organization, self.joined, self.contact, self.arrived)

    @property
    def arrived(self) -> bool:
        """Whether the test event went to the hub and came back."""
        return self.tested and self.progress == "delivered"

    @property
    def under_way(self) -> bool:
        """Whether the test event was sent, and has not come back yet."""
        return self.tested and not self.arrived

    @property
    def next(self) -> int:
        """Give the first step that is not done, 1 to 5, or 6."""
        return next((place for place, done in enumerate(self.done, start=1) if not done), len(self.done) + 1)


def first_run(node: Node) -> FirstRun:
    """Find out how far the first run has come."""
    own = own_record(node)
    delivery = own["delivery"]
    return FirstRun(
        administrator=node.people.begun(),
        organization=bool(node.acts.listed(act=NAMED, limit=1)),
        joined=node.reading.chain().admission is not None,
        contact=bool(node.reading.page(("contact",), ("current", "local"), 0, 1).items),
        tested=bool(node.acts.listed(act=TESTED, outcome="done", limit=1)),
        trail={step: bool(delivery[step]) for step in STEPS},
        place=delivery["index"],
        progress=own["progress"],
    )


def own_record(node: Node) -> dict[str, Any]:
    """Give the organization's own record, as the API does; Refusal when it was erased or never made."""
    organization = node.settings.organization
    stood = node.reading.record("organization", organization)
    if stood is None or stood.kept.record is None:
        raise no_record("organization", organization)
    return forms.record_form(stood, organization)


def name_organization(node: Node, language: str, name: str, org_type: str, note: Note = no_note) -> Done:
    """Put name and type into the organization's own record; InvalidEntry says what cannot be."""
    own = own_record(node)
    record = own["record"]
    changed = {"name": {**record["name"], language: name}, "org_type": {**record["org_type"], "code": org_type}}
    entry = {"kind": own["kind"], "id": own["id"], "marking": own["marking"], **record, **changed}
    return node.editor.apply([Put(parse_entry(entry))], note=note)[0]


def send_test_event(node: Node, note: Note = no_note) -> Done:
    """Confirm the organization's own record: a real signed event, which changes nothing that anybody reads."""
    if node.reading.chain().admission is None:
        raise Refusal(
            "not-joined", N_("The node has not joined a network yet: the hub's operator has to admit it first.")
        )
    return node.editor.apply([Confirm("organization", node.settings.organization)], note=note)[0]


def enrolment(node: Node) -> bytes:
    """Give the enrolment, which the hub's operator admits; it holds public keys only."""
    try:
        return (node.settings.directory / ENROLMENT_FILE).read_bytes()
    except FileNotFoundError:
        raise Refusal(
            "not-found",
            sentence("{enrolment_file} is not in this node's directory any more", enrolment_file=ENROLMENT_FILE),
        ) from None
