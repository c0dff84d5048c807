"""The live feed: the newest events as sentences, older and newer pages without scripts, and a stream of new rows."""

from functools import partial
from typing import Annotated, Any, Final

from fastapi import Depends, Query, Request
from pydantic import Field
from starlette.responses import Response

from hub.access import Role
from hub.filters import Filters, Live
from hub.live import LiveLog, LoggedEvent, Question
from hub.pages.asking import ask
from hub.pages.event_words import event_item
from hub.reading import Reading, visible
from hub.streaming.beginning import REPLAY, Reset, begin, reset_block
from hub.streaming.event_stream import EventStream
from hub.streaming.places import Places
from hub.streaming.recent import recent_events
from hub.streaming.stream import Write, as_long_as_let_in, only, stream
from schemas.fields import KIND_NAMES
from schemas.statement import CONTROL
from schemas.whole import DIGITS
from ui.pages import HEADERS, Pages, link
from ui.routes import Routes

ROWS: Final = 50
MAX_WRITTEN: Final = 1_000  # rows kept as written: one for each language and each sort of reader


class FeedPage(Filters):
    """Filters of the feed's page, with the place in the log where it begins or ends."""

    before: Annotated[int, Field(ge=0, le=2**53), DIGITS] | None = Field(None, description="Events before this index.")
    after: Annotated[int, Field(ge=-1, le=2**53), DIGITS] | None = Field(None, description="Events after this index.")


def router(hub: Reading, pages: Pages, log: LiveLog, places: Places, replay: int = REPLAY) -> Routes:
    """Give the page's address, and that of its stream."""
    routes = Routes(include_in_schema=False)
    rows = _Rows(hub, pages)

    @routes.get("/feed")
    def feed(request: Request) -> Response:
        role = hub.role(request)
        asked, said = ask(request, FeedPage)
        size = hub.tail.size
        question = _question(asked, role)
        with hub.connect() as connection:
            found = recent_events(connection, question, size, ROWS, before=asked.before, after=asked.after)
        registry = hub.registry()
        return pages.render(
            request, "feed.html", said.status,
            asked=asked, problems=said.problems, as_of=hub.as_of(), kinds=(*KIND_NAMES, CONTROL), last=size - 1,
            items=[event_item(event, question.markings, registry) for event in found.events],
            older=found.before, newer=found.after, filters=asked.model_dump(exclude={"before", "after"}),
            log=hub.log_name, live=not said.problems and asked.before is None and asked.after is None,
        )  # fmt: skip

    @routes.get("/feed/stream")
    async def rows_as_they_come(
        request: Request, asked: Annotated[Live, Query()], role: Annotated[Role, Depends(hub.role)]
    ) -> EventStream:
        question = _question(asked, role)
        begun = begin(request, asked, hub.tail.size, hub.log_name, replay)
        if isinstance(begun, Reset):
            parts = only(reset_block(begun, request.url, hub.tail.size, hub.log_name))
        else:
            parts = stream(hub, log, begun._replace(snapshot=False, marked=False), question, rows.writer(request, role))
        if role is not Role.PUBLIC:
            parts = as_long_as_let_in(parts, partial(hub.still, request))
        return EventStream(parts, places, {"Vary": HEADERS["Vary"]})

    return routes


def _question(asked: Filters, role: Role) -> Question:
    """Without a kind, people want what organizations say of their matters, not how the network runs."""
    given = asked.model_dump(exclude={"before", "after", "snapshot", "log"})
    return Question.of(Live(**{**given, "kind": asked.kind or list(KIND_NAMES)}), visible(role))


class _Rows:
    """Rows of the stream, written once for each language and sort of reader."""

    def __init__(self, hub: Reading, pages: Pages) -> None:
        self._hub = hub
        self._pages = pages
        self._written: dict[tuple[int, str, str, Role], bytes] = {}

    def writer(self, request: Request, role: Role) -> Write:
        """Give what writes an event as a row, in an unnamed message."""
        return partial(self._write, request.state.language, request.state.language_prefix, role)

    def _write(self, language: str, prefix: str, role: Role, event: LoggedEvent) -> bytes:
        key = (event.index, language, prefix, role)
        if key not in self._written:
            if len(self._written) >= MAX_WRITTEN:
                self._written.clear()
            self._written[key] = self._row(language, prefix, event_item(event, visible(role), self._hub.registry()))
        return self._written[key]

    def _row(self, language: str, prefix: str, item: dict[str, Any]) -> bytes:
        template = self._pages.environment(language).get_template("feed_row.html")
        html = template.render(link=partial(link, prefix), item=item)
        lines = "".join(f"data: {line.strip()}\n" for line in html.splitlines() if line.strip())
        return f"id: {item['index']}\n{lines}\n".encode()
