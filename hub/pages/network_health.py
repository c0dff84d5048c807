"""The page of the network's health: one row for each node, what needs attention first; and whether the hub sees."""

from datetime import timedelta
from functools import partial
from typing import Final

from fastapi import Request
from starlette.responses import Response

from hub.api.network import watched
from hub.operating.nodes import SHOWN_DAYS
from hub.pages.charts import by_hour, over_time
from hub.reading import Reading
from hub.subscriptions.states import REASONS
from ui.pages import Pages
from ui.routes import Routes

KEEP_NOTHING: Final = {"Cache-Control": "no-store"}


def router(hub: Reading, pages: Pages) -> Routes:
    """Give the page's address."""
    routes = Routes(include_in_schema=False)

    @routes.get("/sync")
    def network(request: Request) -> Response:
        hub.operator(request)
        with hub.connect() as connection:
            nodes, troubles = watched(hub, connection)
            consumers = hub.operating.consumers(connection)
        only = request.query_params.get("only") == "problems"
        now = hub.now()
        streams, most = hub.live_readers()
        return pages.render(
            request, "network_health.html", headers=KEEP_NOTHING, troubles=troubles, only=only, count=len(nodes),
            nodes=[node for node in nodes if node["attention"] or not only], as_of=hub.as_of(), by_hour=by_hour,
            over_time=partial(over_time, begin=now - timedelta(days=SHOWN_DAYS), end=now),
            consumers=consumers, reasons=REASONS, streams=streams, most_streams=most,
            problems=sum(1 for node in nodes if node["attention"]),
        )  # fmt: skip

    return routes
