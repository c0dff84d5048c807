"""The life of a need: its statuses, the steps between them, and whether a history is a path through them."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from schemas.codelists.lists import table
from schemas.sentences import sentence

TRANSITIONS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {row["code"]: tuple(row["next"].split()) for row in table("need_status")}
)
STATUSES: Final = tuple(TRANSITIONS)
FIRST: Final = ("draft", "submitted")  # a draft stays in the node, so others may first see a need as submitted
# Ended well or badly: nobody waits for an answer any more.
CLOSED: Final = frozenset({"met", "withdrawn"})
OPEN: Final = frozenset(STATUSES) - CLOSED - {"draft"}


def may_move(before: str, after: str) -> bool:
    """Whether a need may go from one status to the other in one step."""
    return after in TRANSITIONS.get(before, ())


def walk_fault(statuses: Sequence[str], now: str) -> tuple[int, str] | None:
    """The first wrong step of a history, as its place and what must stand there; None where it is a path to `now`."""
    before = ""
    for number, status in enumerate(statuses):
        if number == 0:
            if status not in FIRST:
                return 0, sentence("be one of {statuses}, where every need begins", statuses=", ".join(FIRST))
        elif not may_move(before, status):
            following = ", ".join(TRANSITIONS.get(before, ()))
            if not following:
                return number, sentence("not be there: nothing follows {before}", before=before)
            return number, sentence("be what may follow {before}: {statuses}", before=before, statuses=following)
        before = status
    if statuses and before != now:
        must = sentence("be {now}, because the history ends at the present need_status", now=now)
        return len(statuses) - 1, must
    return None
