"""GET and POST /api/v1/doctor: the checks of the page Connection, for programs with a token."""

from collections.abc import Callable

import orjson
from fastapi import Request
from starlette.responses import Response

from node.accounts.rules import Role
from node.api.asker import program_or, routes_by_token, visitor_from
from node.doctor import examine, there_and_back
from node.doctor.results import Examination
from node.doctor.turns import Turns
from node.node import Node
from ui.routes import Routes

SECONDS = 20.0


def doctor_routes(node: Node, edited: Callable[[], None]) -> Routes:
    """Give the routes; `edited` is called once the test event is signed."""
    routes = routes_by_token(node, "operations")
    directory, turns = node.settings.directory, Turns()

    @routes.get("/doctor", summary="Check everything that the node needs; nothing is changed")
    def look(request: Request) -> Response:
        with turns:
            return _told(request, examine(directory))

    @routes.post(
        "/doctor", summary="The same checks, and a signed test event there and back",
        dependencies=[program_or(Role.OFFICER, Role.ADMINISTRATOR)],
    )  # fmt: skip
    def look_and_send(request: Request) -> Response:
        with turns:
            found = examine(directory)
            if found.reaches_hub:
                found = found.with_check(there_and_back(node, SECONDS, edited))
            return _told(request, found)

    return routes


def _told(request: Request, found: Examination) -> Response:
    visitor = visitor_from(request.state.holder)
    if visitor is not None and not visitor.may(Role.ADMINISTRATOR):
        # Technical detail names folders: as on the page it is for administrators, and for programs that they chose.
        found = found._replace(checks=tuple(each._replace(detail="") for each in found.checks))
    return Response(orjson.dumps(found.form()), media_type="application/json", headers={"Cache-Control": "no-store"})
