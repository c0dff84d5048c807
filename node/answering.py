"""The draft of an answer to a need: what it takes over from the need, and who may read it."""

from collections.abc import Mapping
from typing import Any

from schemas.release import FOR_NAMED

Json = Mapping[str, Any]
KINDS = ("offer", "activity")
_IMPLEMENTING = "4"  # OrganisationRole; whoever pays too says so


def answer_template(kind: str, need: Json, organization: str) -> dict[str, Any]:
    """Give what is known of the record: an offer or an activity of `organization`, for the need `{org, id, record}`.

    An activity names the need (`answers_needs`). An offer has no field for that, and `same_as` would say that both are
    one thing: it answers by offering the same themes, to the very place, in the same modes, which is what the matrix
    counts.
    """
    record = need["record"]
    taken: dict[str, Any] = {"title": dict(record["title"]), "themes": list(record["themes"])}
    place, modes = record["beneficiary"], record["assistance_modes"]
    if kind == "offer":
        modes = {"assistance_modes": list(modes)} if modes else {}
        return {"provider": organization, **taken, **modes, "eligible_places": [place], "open": True}
    mode = {"modality": modes[0]} if len(modes) == 1 else {}
    return {
        **taken, **mode, "places": [place], "answers_needs": [f"need/{need['org']}/{need['id']}"],
        "participating_orgs": [{"org": organization, "role": _IMPLEMENTING}],
    }  # fmt: skip


def answer_entry(kind: str, need: Json, organization: str) -> dict[str, Any]:
    """Give the draft's entry; it says what the need says, and so it is marked as the need, and for its author."""
    entry: dict[str, Any] = {"marking": need["marking"], "record": answer_template(kind, need, organization)}
    return {**entry, "recipients": [need["org"]]} if need["marking"] in FOR_NAMED else entry
