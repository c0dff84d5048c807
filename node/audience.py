"""Who will be able to read a record, said before it is published: exactly, by name, and what cannot be taken back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from node.directory import Known
from node.node import Node
from node.refusal import Refusal, no_record
from node.release import check_release, stays_here
from schemas.entry import Entry
from schemas.release import CLEAR, FOR_NAMED, GREEN, RED
from schemas.sentences import gettext_noop as N_
from schemas.sentences import sentence
from wire.jwe import BadJwe, parse_jwe
from wire.registry import HUB, Standing

EVERYBODY, MEMBERS, NAMED, NOBODY = "everybody", "members", "named", "nobody"


@dataclass(frozen=True, slots=True)
class Audience:
    """`reads`: everybody · members · named · nobody; `organizations` by id and name where they can be counted.

    `hub`: whether the hub's operator can read it too. `earlier`: who can read versions that were published before.
    `refused`: why it would not be published as it is, None if it would.
    """

    reads: str
    organizations: tuple[Known, ...]
    hub: bool
    sentences: tuple[str, ...]
    earlier: tuple[str, ...] = ()
    refused: Refusal | None = None

    def form(self) -> dict[str, Any]:
        """Give it as the API and the command print it."""
        refused = self.refused
        return {
            "reads": self.reads,
            "organizations": [
                {"org": each.organization, "name": each.name, "standing": each.standing.value}
                for each in self.organizations
            ],
            "hub_reads": self.hub,
            "earlier": list(self.earlier),
            "text": " ".join(self.sentences),
            "refused": refused and {"reason": str(refused.reason), "text": str(refused)},
        }


def audience(
    entry: Entry, own: str, members: Mapping[str, Known], said_before: Sequence[tuple[str, bytes | None]] = ()
) -> Audience:
    """Say who will be able to read a record of `own`; `said_before` are marking and body of its events so far."""
    earlier = _earlier(said_before)
    if stays_here(entry):
        said = N_("Nobody outside this node: it is a draft, and never leaves it as it is.")
        if entry.marking == RED:
            said = N_("Nobody outside this node: it is marked TLP:RED, and never leaves it as it is.")
        return Audience(NOBODY, (), False, (said, *_earlier_sentence(earlier)), earlier)
    reads, organizations, hub, sentences = _readers(entry, own, members)
    try:
        check_release(entry, own, members)
        refused = None
    except Refusal as error:
        refused = error
        sentences = (
            *sentences,
            sentence("As it is, it would be refused: {cause}.", cause=str(error).removesuffix(".")),
        )
    return Audience(reads, organizations, hub, (*sentences, *_earlier_sentence(earlier)), earlier, refused)


def _readers(
    entry: Entry, own: str, members: Mapping[str, Known]
) -> tuple[str, tuple[Known, ...], bool, tuple[str, ...]]:
    if entry.marking == CLEAR:
        return EVERYBODY, (), True, (N_("Everybody: it is on public pages, in exports and on the public bus."),)
    public = N_("Everybody can see that it exists: who said it, when, and which kind of record it is.")
    if entry.marking == GREEN:
        present = tuple(each for each in _sorted(members) if each.standing is not Standing.RETIRED)
        told = sentence(
            "All members of the network, and those that join later; now they are {names}.", names=_names(present)
        )
        if not present:
            told = N_(
                "All members of the network, and those that join later; now they are not known here by name yet: this "
                "node has not read the registry."
            )
        return MEMBERS, present, True, (told, N_("The hub and its operator read it too."), public)
    named = {*entry.recipients, own}
    known = tuple(members.get(name) or Known(name, name, Standing.ACTIVE, b"") for name in sorted(named))
    hub = HUB in named
    hubs = N_("The hub and its operator cannot read it.")
    if hub:
        hubs = N_("The hub is one of them: its operator reads it.")
    told = sentence(
        "Only the organizations that are named: {names}. It is encrypted to them in this node.", names=_names(known)
    )
    on_it = N_("It has the names of its readers on it for members to see.")
    return NAMED, known, hub, (told, hubs, f"{public} {on_it}")


def _earlier(said: Sequence[tuple[str, bytes | None]]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for marking, body in said:
        if marking == CLEAR:
            found[EVERYBODY] = None
        elif marking == GREEN:
            found[MEMBERS] = None
        elif marking in FOR_NAMED and body is not None:
            try:
                found |= {each.organization: None for each in parse_jwe(body).recipients}
            except BadJwe:
                continue
    return tuple(found)


def _earlier_sentence(earlier: Sequence[str]) -> tuple[str, ...]:
    if not earlier:
        return ()
    if EVERYBODY in earlier:
        return (N_("Versions that were published before stay with those who could read them: everybody."),)
    names = ", ".join(each for each in earlier if each != MEMBERS)
    if MEMBERS not in earlier:
        message = N_("Versions that were published before stay with those who could read them: {names}.")
    elif names:
        message = N_("Versions that were published before stay with the members of the network, and with: {names}.")
    else:
        message = N_("Versions that were published before stay with the members of the network.")
    return (sentence(message, names=names),)


def _sorted(members: Mapping[str, Known]) -> list[Known]:
    return sorted(members.values(), key=lambda each: each.organization)


def _names(organizations: Sequence[Known]) -> str:
    return ", ".join(
        each.organization if each.name == each.organization else f"{each.name} ({each.organization})"
        for each in organizations
    )


def audience_of_entry(node: Node, entry: Entry) -> Audience:
    """Say who would be able to read a record that is not put yet, or what is put again."""
    said = node.reading.said(entry.kind, entry.id) if entry.id is not None else []
    return audience(entry, node.settings.organization, node.directory.members(), said)


def audience_of_record(node: Node, kind: str, record_id: str) -> Audience:
    """Say who can read a record as it stands here; Refusal if there is none."""
    stood = node.reading.record(kind, record_id)
    if stood is None:
        raise no_record(kind, record_id)
    kept = stood.kept
    before = node.reading.said(kind, record_id)[:-1]  # what was said last is the record as it stands
    entry = Entry(kind, record_id, kept.marking, kept.record, kept.recipients)
    return audience(entry, node.settings.organization, node.directory.members(), before)
