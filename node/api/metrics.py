"""GET /metrics of the node: for programs on the same machine; for all others the address does not exist."""

from datetime import UTC, datetime
from http import HTTPStatus

from fastapi import Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from node.metrics import METRICS, node_metrics
from node.node import Node
from ui.routes import Routes
from wire.metrics import CONTENT_TYPE, may_read, write_metrics

_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]


def metrics_routes(node: Node) -> Routes:
    """Give this address."""
    routes = Routes()

    # All methods: that one is not allowed would tell that the address exists.
    @routes.api_route("/metrics", methods=_METHODS, include_in_schema=False)
    def metrics(request: Request) -> Response:
        peer = request.client.host if request.client else None
        if request.method not in ("GET", "HEAD") or not may_read(peer, request.headers.keys()):
            raise HTTPException(HTTPStatus.NOT_FOUND)
        return Response(write_metrics(METRICS, node_metrics(node, datetime.now(UTC))), media_type=CONTENT_TYPE)

    return routes
