"""Whether a record may leave this node, decided before anything is saved or signed."""

from collections.abc import Mapping

from node.directory import Known, keys_of
from node.refusal import Refusal
from schemas.entry import Entry
from schemas.release import FOR_NAMED, RED, violation

DRAFT = "draft"


def stays_here(entry: Entry) -> bool:
    """Whether a record never leaves the node as it is: TLP:RED, or a need that is a draft."""
    return entry.marking == RED or (entry.kind == "need" and entry.record.get("need_status") == DRAFT)


def check_release(entry: Entry, own: str, members: Mapping[str, Known]) -> None:
    """Refusal if the record may not leave under its marking, or cannot be read by whom it names.

    What stays here may be anything.
    """
    name = f"{entry.kind}/{entry.id}"
    if stays_here(entry):
        return
    broken = violation(entry.kind, entry.record, entry.marking)
    if broken is not None:
        raise Refusal(broken[0], f"{name}: {broken[1].message}", (broken[1],))
    if entry.marking in FOR_NAMED:
        keys_of(entry.recipients, own, members, about=f"{name} ({entry.marking})")
