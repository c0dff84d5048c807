"""The log as server-sent events: every event that a reader may see, in order, resumable at any index."""

from functools import partial
from typing import Annotated, Final

from fastapi import Depends, Query, Request
from starlette.responses import Response

from hub.access import Role
from hub.filters import Live
from hub.live import LiveLog, Question
from hub.reading import Reading, visible
from hub.streaming.beginning import REPLAY, Reset, begin, reset_block
from hub.streaming.event_stream import EventStream
from hub.streaming.places import Places
from hub.streaming.stream import as_long_as_let_in, only, stream
from ui.routes import Routes

LOG_HEADER: Final = "Liaison-Log"


def router(hub: Reading, log: LiveLog, places: Places, replay: int = REPLAY) -> Routes:
    """Give this address; `log` and `places` are shared by all who read live."""
    routes = Routes(prefix="/api/v1", tags=["events"])

    @routes.get(
        "/events",
        summary="Logged events as they come (text/event-stream of CloudEvents)",
        response_class=Response,
        responses={200: {"content": {EventStream.media_type: {"schema": {"type": "string"}}}}},
    )
    async def events(
        request: Request, asked: Annotated[Live, Query()], role: Annotated[Role, Depends(hub.role)]
    ) -> EventStream:
        question = Question.of(asked, visible(role))
        begun = begin(request, asked, hub.tail.size, hub.log_name, replay)
        if isinstance(begun, Reset):
            parts = only(reset_block(begun, request.url, hub.tail.size, hub.log_name))
        else:
            parts = stream(hub, log, begun, question)
        if role is not Role.PUBLIC:
            parts = as_long_as_let_in(parts, partial(hub.still, request))
        return EventStream(parts, places, {LOG_HEADER: hub.log_name})

    return routes
