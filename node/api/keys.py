"""The API's keys, for administrators: which speak, and going over to the next one; as on the page Keys. Never a key."""

from typing import Any

from fastapi import Request
from starlette.responses import Response

from node.accounts.rules import Role
from node.api.answers import Body, json_answer
from node.api.asker import asker_of, routes_by_token
from node.api.description import answers, headers_of
from node.api.once import once
from node.keys_told import keys_form
from node.pages.desk import Desk
from node.pages.keys import rotated
from ui.routes import Routes


def key_routes(desk: Desk) -> Routes:
    """Give the addresses."""
    routes = routes_by_token(desk.node, "operations")

    @routes.get("/keys", summary="Which keys speak, by thumbprint", responses=answers("Keys"))
    def keys(request: Request) -> Response:
        asker_of(request, Role.ADMINISTRATOR)
        return json_answer(keys_form(desk.node))

    @routes.post(
        "/keys/rotate", summary="Go over to the next key, and promise another",
        responses=answers("Keys", 400, 409, 413, 422, 429, replayed=True), openapi_extra=headers_of("Idempotency-Key"),
    )  # fmt: skip
    def go_over(request: Request, body: Body) -> Response:
        visitor = asker_of(request, Role.ADMINISTRATOR)

        def work() -> list[Any]:
            return [rotated(desk, visitor).sequence]

        made = once(desk.node, request, body, work)
        return json_answer(keys_form(desk.node), headers=made.headers)

    return routes
