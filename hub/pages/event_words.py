"""An event of the log as a page says it: who did what to which record, about where, and when by its author's word."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import orjson

from hub.live import LoggedEvent
from schemas.statement import CONTROL
from ui.languages import gettext_noop as N_
from wire.registry import REGISTRY, Registry

# What is said without a record; %(who)s is who said it.
CONTROLS: Final[Mapping[str, str]] = {
    "liaison.organization.admitted": N_("The roots admitted an organization"),
    "liaison.organization.suspended": N_("The roots suspended an organization"),
    "liaison.organization.reinstated": N_("The roots reinstated an organization"),
    "liaison.organization.retired": N_("The roots retired an organization"),
    "liaison.key.replaced": N_("The roots replaced the key of an organization"),
    "liaison.key.revoked": N_("The roots revoked the key of an organization"),
    "liaison.witnesses.changed": N_("The roots changed the witnesses of the log"),
    "liaison.roots.changed": N_("The roots changed who they are"),
    "liaison.log.replaced": N_("The roots began another log"),
    "liaison.key.rotated": N_("%(who)s went on to its next key"),
    "liaison.erasure.ordered": N_("%(who)s ordered an erasure"),
    "liaison.erasure.done": N_("%(who)s confirmed an erasure"),
    "liaison.view.stated": N_("The hub stated the digest of its view"),
    "liaison.body.excluded": N_("The hub left an event out of the view"),
    "liaison.fork.found": N_("The hub found two histories of one organization"),
}
OTHER: Final = N_("%(who)s said something that this page has no words for")
ACTIONS: Final = ("published", "revised", "confirmed", "withdrawn")


def event_item(event: LoggedEvent, markings: Sequence[str], registry: Registry) -> dict[str, Any]:
    """Give what a template needs of an event that its reader may see.

    The withdrawal of a record that he may not see tells no more than the statement, which is public.
    """
    said = event.statement
    withdrawn = said.action == "withdrawn"
    seen = not withdrawn or event.about_marking in markings
    shown = event.about if withdrawn else event.body
    record = orjson.loads(shown).get("record") if shown is not None and seen and event.kind != CONTROL else None
    readable = isinstance(record, dict)
    facets = event.facets if readable else None
    return {
        "index": event.index,
        "at": said.time,
        "org": event.org,
        "called": called(event.org, registry),
        "kind": event.kind,
        "id": said.subject.rsplit("/", 1)[-1],
        "action": said.action if event.kind != CONTROL else CONTROL,
        "control": CONTROLS.get(said.type, OTHER),
        "marking": event.marking,
        "record": record if readable else {},
        "readable": readable,
        "places": list(facets.places) if facets else [],
        "sequence": said.sequence_number,
    }


def called(organization: str, registry: Registry) -> str:
    """Give the name under which an organization was admitted; its id where it was not."""
    member = registry.members.get(organization)
    return organization if member is None or organization == REGISTRY else member.name
