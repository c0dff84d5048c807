"""What a mail tells of events: how many, of which kinds, the newest of them, and nothing that mail must not carry."""

from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from hub.live import LoggedEvent
from schemas.release import CLEAR
from schemas.statement import CONTROL

MAX_ITEMS: Final = 30


@dataclass(frozen=True)
class Item:
    """One event as a mail or a preview lists it; `title` is None where the record's text must not be told."""

    index: int
    kind: str
    organization: str
    action: str
    time: str
    record: str  # kind/organization/id; empty for what has no record
    title: str | None
    places: tuple[str, ...]


def item_of(event: LoggedEvent, told: Sequence[str]) -> Item:
    """Give what is told of an event; of a body, only if its marking is one of `told`."""
    statement = event.statement
    # A withdrawal may be said more widely than the record was: what it is about has the marking of that record.
    marking = event.about_marking if statement.action == "withdrawn" else event.marking
    facets = event.facets if event.kind != CONTROL and marking in told else None
    return Item(
        event.index, event.kind, event.org, statement.action, statement.time,
        "" if event.kind == CONTROL else statement.subject, facets.title if facets else None,
        facets.places if facets else (),
    )  # fmt: skip


@dataclass
class Digest:
    """Gathered event by event, in bounded memory."""

    count: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    items: deque[Item] = field(default_factory=lambda: deque(maxlen=MAX_ITEMS))
    last: int = -1

    def add(self, event: LoggedEvent) -> None:
        """Take one more event in."""
        self.count += 1
        self.kinds[event.kind] += 1
        self.items.append(item_of(event, (CLEAR,)))
        self.last = event.index

    @property
    def places(self) -> list[str]:
        """Give the places of what is listed, most frequent first."""
        found = Counter(place for each in self.items for place in each.places)
        return [place for place, _ in found.most_common()]

    @property
    def newest(self) -> list[Item]:
        """Give what is listed, the newest first."""
        return list(reversed(self.items))
