"""What came of changes, and what is looked at and written in their transaction beside them."""

from typing import NamedTuple, Protocol

from node.store import Writing


class Done(NamedTuple):
    """What became of one change.

    `outcome`: published · revised · confirmed · withdrawn, sealed at `sequence`; waiting for the join; unchanged;
    local (kept here only); dropped (a local record deleted).
    """

    kind: str
    id: str
    outcome: str
    sequence: int | None


class Beside(Protocol):
    """What belongs into the transaction of changes: conditions that they depend on, and a note that they were made."""

    def before(self, writing: Writing) -> list[Done] | None:
        """Give what was done already, and nothing is changed; Refusal if nothing may be."""

    def after(self, writing: Writing, done: list[Done]) -> None:
        """Write what is to be remembered."""
