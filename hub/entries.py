"""What passes between the stations of the intake: messages read, entries for the log, refusals for quarantine."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from hub.coverage import CoverLine
from schemas.facets import Facets
from wire.examine import Examined, Exclusion, Message


class ViewOf(NamedTuple):
    """What the view wants of a record: its facets, what it covers in the matrix, and when it is to be reviewed."""

    facets: Facets | None
    coverage: Sequence[CoverLine]
    review_due: str | None


class Read(NamedTuple):
    """A message examined, with what the view will want of its record."""

    examined: Examined
    facets: Facets | None
    coverage: Sequence[CoverLine]
    review_due: str | None


@dataclass(slots=True)
class Entry:
    """One event at its place in the log. `org` is the organization's number, `organization` its id."""

    index: int
    org: int
    organization: str
    kind: str
    record_id: str
    action: str
    marking: str
    time: str
    sequence: int
    lastindex: int
    hash: bytes
    token: bytes
    body: bytes | None
    exclusion: Exclusion | None
    facets: Facets | None
    coverage: Sequence[CoverLine]
    review_due: str | None
    erased: bool = False
    tag: int | None = None  # what the body is found by, where its hash was verified already
    held: bool = True  # false where a regional hub leaves the body to the hub that it follows

    def erase(self) -> None:
        """Forget the body and all that was read from it."""
        self.body, self.facets, self.coverage, self.review_due = None, None, [], None
        self.erased = self.held = True

    @property
    def subject(self) -> str:
        """What the statement is about: kind/org/id."""
        return f"{self.kind}/{self.organization}/{self.record_id}"


@dataclass(frozen=True, slots=True)
class Named:
    """A statement that an order names. `recipients` are the organizations that its body was encrypted to."""

    index: int
    hash: bytes
    subject: str
    recipients: tuple[str, ...] = ()


@dataclass(slots=True)
class Erasure:
    """An order with effect, logged at `index` under `hash`; `done_at` is the index of the hub's own confirmation."""

    index: int
    hash: bytes
    org: int
    record: str | None
    statements: list[Named]
    done_at: int | None = None


@dataclass(frozen=True, slots=True)
class Confirmed:
    """The organization with this number says, at `index`, that it obeyed the order at index `order`."""

    order: int
    org: int
    index: int


@dataclass(slots=True)
class ExclusionStated:
    """The event at `index` is not in the view, as the hub's statement at `stated_at` says."""

    index: int
    org: int
    exclusion: Exclusion
    stated_at: int


class Quarantined(NamedTuple):
    """A refused message with its reason, kept whole."""

    message: Message
    digest: bytes
    sequence: int | None
    reason: str
    found: str
    expected: str
