"""GET /metrics of the hub: for programs on the same machine; for all others the address does not exist."""

from collections.abc import Callable
from http import HTTPStatus

from fastapi import Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from hub.accounts.log_ins import Outcome
from hub.metrics import METRICS, hub_metrics, live_metrics, subscription_metrics
from hub.operating.measures import Running
from hub.reading import Reading
from hub.streaming.places import Places
from hub.subscriptions.figures import Figures
from ui.routes import Routes
from wire.metrics import CONTENT_TYPE, may_read, write_metrics

_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]


def router(hub: Reading, split_views: Callable[[], int], places: Places, figures: Figures) -> Routes:
    """Give this address; `split_views` tells how many were found, `places` who reads live, `figures` who subscribed."""
    routes = Routes()

    # All methods: that one is not allowed would tell that the address exists.
    @routes.api_route("/metrics", methods=_METHODS, include_in_schema=False)
    def metrics(request: Request) -> Response:
        peer = request.client.host if request.client else None
        if request.method not in ("GET", "HEAD") or not may_read(peer, request.headers.keys()):
            raise HTTPException(HTTPStatus.NOT_FOUND)
        following = "" if hub.following is None else str(hub.following()["state"])
        with hub.connect() as connection:
            found = hub_metrics(
                connection, hub.registry(), hub.tail.size, split_views(), hub.now(), following, _running(hub)
            )
            found = {**found, **subscription_metrics(connection, figures, hub.now())}
        found = {**found, **live_metrics(places)}
        return Response(write_metrics(METRICS, found), media_type=CONTENT_TYPE, headers={"Cache-Control": "no-store"})

    return routes


def _running(hub: Reading) -> Running:
    operating = hub.operating
    log_ins = {str(outcome): hub.log_ins.counted[outcome] for outcome in Outcome}
    return Running(operating.senses, operating.held, log_ins, dict(hub.deeds.counted))
