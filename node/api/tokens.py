"""The API's access tokens: one's own, all for administrators; programs' are made here, people make theirs logged in."""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import Path, Request
from starlette.responses import Response

from node.accounts.rules import Role
from node.api.answers import Body, json_answer, read_as
from node.api.asker import asker_of, routes_by_token
from node.api.bodies import NewToken
from node.api.description import answers, body_of, headers_of
from node.api.once import once
from node.pages.desk import Desk
from node.refusal import Refusal
from node.store.access import id_of
from ui.routes import Routes


def token_routes(desk: Desk) -> Routes:
    """Give the addresses."""
    routes = routes_by_token(desk.node, "people")
    access, tokens = desk.node.access, desk.node.tokens

    @routes.get("/tokens", summary="Your access tokens; for administrators all", responses=answers("TokenList"))
    def listed(request: Request) -> Response:
        visitor = asker_of(request)
        found = access.listed(None if visitor.may(Role.ADMINISTRATOR) else visitor.number)
        return json_answer({"items": [each.form() for each in found], "as_of": desk.now_text()})

    @routes.post(
        "/tokens", status_code=201, summary="Make a token of a program, which reads and changes records",
        responses=answers("Token", 400, 404, 409, 413, 422, 429, status=201, replayed=True),
        openapi_extra={**body_of("NewToken"), **headers_of("Idempotency-Key")},
    )  # fmt: skip
    def make(request: Request, body: Body) -> Response:
        visitor, asked = asker_of(request, Role.ADMINISTRATOR), read_as(NewToken, body)
        secret: list[str] = []

        def work() -> list[Any]:
            secret.append(tokens.for_program(visitor, asked.name, desk.now()))
            return [id_of(secret[0])]

        made = once(desk.node, request, body, work)
        found = next((each for each in access.listed() if each.id == made.done[0]), None)
        if found is None:
            raise Refusal("not-found", "The token that was made for this key was removed since.")
        shown = {"token": secret[0]} if secret else {}
        return json_answer({**found.form(), **shown}, HTTPStatus.CREATED, made.headers)

    @routes.delete(
        "/tokens/{token_id}", status_code=204, summary="Remove a token: it is nobody's from now on",
        responses=answers(None, 404, status=204),
    )  # fmt: skip
    def remove(
        request: Request, token_id: Annotated[str, Path(max_length=64, description="Its id, never the token.")]
    ) -> Response:
        visitor = asker_of(request)
        owner = None if visitor.may(Role.ADMINISTRATOR) else visitor.number
        if not tokens.remove(visitor, token_id, owner):
            raise Refusal("not-found", "There is no such token, or it is another person's.")
        return Response(None, HTTPStatus.NO_CONTENT)

    return routes
