"""Which events a subscription tells of: those that a live reader with the same filters sees, and no bookkeeping."""

from collections.abc import Sequence

from hub.filters import Live
from hub.live import LoggedEvent, matches
from schemas.statement import CONTROL


def tells_of(event: LoggedEvent, asked: Live, markings: Sequence[str]) -> bool:
    """Whether a subscription tells of this event; those without a record only where `kind` names them."""
    if event.kind == CONTROL and CONTROL not in asked.kind:
        return False
    return matches(event, asked, markings)
