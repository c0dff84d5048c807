"""A record's own feed: its versions, the newest first, in Atom and JSON Feed, with what the record's page shows."""

from collections.abc import Sequence
from typing import Annotated, Any, Final

from pydantic import Field

from hub.exports.entries import Category, Entry, Feed
from hub.exports.publishers import Publishers
from hub.exports.wording import FALLBACK, permanent_id, title_of
from hub.filters import Asked
from hub.outside import Place
from hub.queries import Listed
from schemas.differences import Step, steps
from schemas.whole import DIGITS

PAGE: Final = 100
Address = tuple[str, str, str]
_SAID: Final = {
    "published": "Published", "revised": "Changed", "confirmed": "Confirmed: it still holds", "withdrawn": "Withdrawn",
}  # fmt: skip


class Versions(Asked):
    """Which part of a history is asked for."""

    before: Annotated[int, Field(ge=0, le=2**53), DIGITS] | None = Field(
        None, description="Versions before this log index."
    )


def history_feed(
    place: Place, network: str, address: Address, found: Listed, publishers: Publishers, as_of: str, language: str
) -> Feed:
    """Make a page of a record's feed; `found` has its versions, the newest first."""
    first = place.url.remove_query_params("before")
    following = None if found.next is None else str(place.url.include_query_params(before=found.next))
    root = place.root
    kind, org, id_ = address
    # What changed is told against the version before; of the oldest of a page that is on the next one.
    told = steps(kind, org, [_named(address, version) for version in reversed(found.items)])
    entries = [_entry(step, address, network, root, publishers.name(org, language), language) for step in told]
    return Feed(
        id=f"https://{network}{first.path}",
        title=f"{network}: {kind}/{org}/{id_}",
        subtitle=f"All versions of this record. As of {as_of}. Entries bear the time that their author gave them.",
        language=language,
        address=str(place.url),
        home=f"{root}/records/{kind}/{org}/{id_}",
        following=following,
        as_of=as_of,
        entries=tuple(reversed(entries)),
    )


def _named(address: Address, version: dict[str, Any]) -> dict[str, Any]:
    kind, org, id_ = address
    return {"kind": kind, "org": org, "id": id_, **version}


def _entry(step: Step, address: Address, network: str, root: str, author: str, language: str) -> Entry:
    version, (kind, org, id_) = step.version, address
    here = f"?version={version['index']}"
    return Entry(
        id=permanent_id(network, kind, org, id_) + here,
        url=f"{root}/records/{kind}/{org}/{id_}{here}",
        title=title_of(version, language),
        summary=(FALLBACK, ". ".join(_told(step, [change.name for change in step.changes])) + "."),
        updated=version["published"],
        author=author,
        categories=(
            Category(kind, f"https://{network}/schemas", kind),
            Category(step.action, f"https://{network}/actions", step.action),
        ),
        item={**version, "action": step.action},
    )


def _told(step: Step, changed: Sequence[str]) -> list[str]:
    version = step.version
    said = [_SAID.get(step.action, step.action)]
    if changed:
        said[0] += f": {', '.join(changed)}"
    if version.get("reason"):
        said.append(f"Reason: {version['reason']}")
    if "excluded" in version:
        said.append(f"Left out of the view: {version['excluded']['reason']}")
    if "erased" in version:
        said.append("Erased by order")
    elif step.action != "withdrawn" and "record" not in version and "excluded" not in version:
        said.append("Its text is not shown with the access you have")
    if version.get("disputed"):
        said.append("Disputed: signed with a key that was revoked")
    return said
