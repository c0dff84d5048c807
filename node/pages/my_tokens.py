"""The page on which a person makes access tokens, for programs that act in the person's name, and removes them."""

from typing import Annotated

from fastapi import Depends, Request
from starlette.responses import Response

from node.accounts.tokens import MAX_DAYS, USUAL_DAYS
from node.pages.asking import visitor_of
from node.pages.desk import Desk
from node.pages.forms import fields, go_to
from node.pages.persons import KEEP_NOTHING, TOKEN, TOKEN_HELP, shown_once
from node.refusal import Refusal
from ui.pages import Pages
from ui.routes import Routes

Fields = Annotated[list[tuple[str, str]], Depends(fields)]


def router(desk: Desk, pages: Pages) -> Routes:
    """Give these addresses."""
    routes = Routes(include_in_schema=False)

    def page(request: Request, number: int, problems: list[dict[str, str]], given: dict[str, str]) -> Response:
        return pages.render(
            request, "my_tokens.html", 422 if problems else 200, KEEP_NOTHING, problems=problems, given=given,
            tokens=desk.node.access.listed(number), usual=USUAL_DAYS, most=MAX_DAYS,
        )  # fmt: skip

    @routes.get("/tokens")
    def mine(request: Request) -> Response:
        return page(request, visitor_of(desk, request).number, [], {})

    @routes.post("/tokens/mine")
    def make(request: Request, sent: Fields) -> Response:
        visitor, given = visitor_of(desk, request), dict(sent)
        chosen, days = [value for name, value in sent if name == "role"], given.get("days", "")
        name, held = given.get("name", "").strip(), [str(role) for role in visitor.roles]
        number = int(days) if days.isascii() and days.isdigit() and len(days) < 5 else 0
        try:
            token = desk.node.tokens.for_person(visitor, visitor.number, held, name, chosen, desk.now(), number)
        except Refusal as error:
            field = {"/roles": "role", "/days": "days"}.get(error.problems[0].pointer, "name")
            return page(request, visitor.number, [{"field": field, "message": str(error)}], given)
        return shown_once(pages, request, TOKEN, token, TOKEN_HELP, name, "/tokens")

    @routes.post("/tokens/mine/remove")
    def remove(request: Request, sent: Fields) -> Response:
        visitor = visitor_of(desk, request)
        desk.node.tokens.remove(visitor, dict(sent).get("id", ""), visitor.number)
        return go_to(request, "/tokens")

    return routes
