"""The checks of the running hub over HTTP: what liaison-hub doctor says, for operators and their programs."""

import threading
from http import HTTPStatus
from typing import Annotated, Final

from fastapi import Depends, Request
from starlette.responses import Response

from hub.access import Reader
from hub.doctor import Examination, examine
from hub.problem_details import Refusal
from hub.reading import Reading, as_json
from ui.routes import Routes

WAIT_SECONDS: Final = 20.0
_one_at_a_time = threading.Lock()


def router(hub: Reading) -> Routes:
    """Give these addresses."""
    routes = Routes(prefix="/api/v1", tags=["network"])

    @routes.get("/doctor", summary="Check everything that the hub needs; nothing is changed (operators)")
    def look(_request: Request, _operator: Annotated[Reader, Depends(hub.operator)]) -> Response:
        return as_json(examined(hub).form())

    return routes


def examined(hub: Reading) -> Examination:
    """Make the checks of the hub whose application this is. Refusal if it only reads, or others are at it."""
    directory = hub.operating.senses.directory
    if directory is None:
        detail = "This process only reads; ask the hub that takes in events, or run liaison-hub doctor."
        raise Refusal(HTTPStatus.CONFLICT, "no-hub-here", detail)
    # An examination takes a connection to the bus and reads the log's end: one is enough.
    if not _one_at_a_time.acquire(timeout=WAIT_SECONDS):
        detail = "The checks are being made for somebody else. Try again in a minute."
        raise Refusal(HTTPStatus.SERVICE_UNAVAILABLE, "busy", detail, headers={"Retry-After": "60"})
    try:
        return examine(directory, hub.now)
    finally:
        _one_at_a_time.release()
