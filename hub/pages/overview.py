"""The first page: what changed, what waits for an answer, what is overdue, and how much there is, as of when."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, Final, NamedTuple

from fastapi import Request
from sqlalchemy import Connection, select
from starlette.responses import Response

from hub import tables
from hub.filters import Live, Page
from hub.finding.tables import relied_on
from hub.live import Question
from hub.node_queries import list_nodes, stats
from hub.node_states import State
from hub.pages.event_words import event_item
from hub.queries import list_records, record_of
from hub.reading import Reading, visible
from hub.streaming.recent import recent_events
from schemas.fields import KIND_NAMES
from schemas.records import KINDS
from ui.pages import Pages
from ui.routes import Routes

CHANGES: Final = 10
SHOWN: Final = 8
# By the requester's own word nobody has offered anything yet, or what was delivered did not do.
WAITING: Final = ("submitted", "authenticated", "acknowledged", "circulated", "published", "partially_met", "unmet")
# What takes long is answered anew only after twenty times as long: under load at most a twentieth of a core.
REST: Final = 20


class Figures(NamedTuple):
    """How many current records of each kind there are, and those overdue longest, as of a time."""

    records: dict[str, int]
    overdue: list[dict[str, Any]]
    more_overdue: bool
    as_of: str


def router(hub: Reading, pages: Pages) -> Routes:
    """Give the page's address."""
    routes = Routes(include_in_schema=False)
    figures = _Figures(hub)

    @routes.get("/")
    def overview(request: Request) -> Response:
        markings, today = visible(hub.role(request)), hub.now().date()
        registry, size = hub.registry(), hub.tail.size
        question = Question.of(Live(kind=list(KIND_NAMES)), markings)
        waiting = Page(kind=["need"], status=list(WAITING), limit=SHOWN)
        with hub.connect() as connection:
            changes = recent_events(connection, question, size, CHANGES, before=None, after=None).events
            unmet = list_records(connection, waiting, markings, today)
            nodes = Counter(node["state"] for node in list_nodes(connection, registry, hub.now()))
            found = figures.get(connection, size, markings, today)
        return pages.render(
            request, "overview.html",
            changes=[event_item(event, markings, registry) for event in changes], figures=found,
            unmet=unmet.items, more_unmet=unmet.next is not None, waiting=WAITING,
            nodes=[(state, nodes[state]) for state in map(str, State) if nodes[state]], kinds=tuple(KINDS),
            as_of=hub.as_of(),
        )  # fmt: skip

    return routes


class _Figures:
    """Counted by one reader for all who may see the same; what took long is kept for a while, and says so."""

    def __init__(self, hub: Reading, clock: Callable[[], float] = time.monotonic) -> None:
        self._hub = hub
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: dict[tuple[str, ...], tuple[float, Figures]] = {}

    def get(self, connection: Connection, size: int, markings: Sequence[str], today: date) -> Figures:
        """Give the figures as they are, or as they were not long ago."""
        with self._lock:
            rests_until, found = self._kept.get(tuple(markings), (0.0, None))
            begun = self._clock()
            if found is not None and begun < rests_until:
                return found
            counted = stats(connection, self._hub.counts, size, markings)["records"]
            overdue = _overdue(connection, markings, today)
            found = Figures(counted, overdue[:SHOWN], len(overdue) > SHOWN, self._hub.as_of())
            ended = self._clock()
            self._kept[tuple(markings)] = (ended + REST * (ended - begun), found)
            return found


def _overdue(connection: Connection, markings: Sequence[str], today: date) -> list[dict[str, Any]]:
    """Give those whose review has been due longest, one more than are shown."""
    records, names = tables.records.c, tables.organizations.c
    found: list[tuple[str, int, str, str, str]] = []
    for marking in markings:  # the index has them apart
        query = (
            select(records.review_due, records.index, records.kind, names.organization, records.id)
            .join(tables.organizations, names.org == records.org)
            .where(records.marking == marking, records.review_due < today.isoformat(), *relied_on())
            .order_by(records.review_due, records.index)
        )
        found += [(due, index, *address) for due, index, *address in connection.execute(query.limit(SHOWN + 1))]
    first = sorted(found)[: SHOWN + 1]
    shown = (record_of(connection, (kind, org, id_), markings, today) for _, _, kind, org, id_ in first)
    return [each for each in shown if each is not None]
