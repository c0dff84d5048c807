"""GET and POST /api/v1/doctor: the checks of the page Connection, for programs with a token."""

from collections.abc import Callable

import orjson
from fastapi import APIRouter
from starlette.responses import Response

from node.accounts.rules import Role
from node.api_asker import program_or
from node.doctor import examine, there_and_back
from node.doctor.turns import Turns
from node.node import Node

SECONDS = 20.0


def doctor_routes(node: Node, edited: Callable[[], None]) -> APIRouter:
    """Give the routes; `edited` is called once the test event is signed."""
    routes = APIRouter(tags=["operations"])
    directory, turns = node.settings.directory, Turns()

    @routes.get("/doctor", summary="Check everything that the node needs; nothing is changed")
    def look() -> Response:
        with turns:
            return _json(examine(directory).form())

    @routes.post(
        "/doctor", summary="The same checks, and a signed test event there and back",
        dependencies=[program_or(Role.OFFICER, Role.ADMINISTRATOR)],
    )  # fmt: skip
    def look_and_send() -> Response:
        with turns:
            found = examine(directory)
            if found.reaches_hub:
                found = found.with_check(there_and_back(node, SECONDS, edited))
            return _json(found.form())

    return routes


def _json(document: object) -> Response:
    return Response(orjson.dumps(document), media_type="application/json", headers={"Cache-Control": "no-store"})
