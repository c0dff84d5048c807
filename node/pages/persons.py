"""The people of the organization, for administrators: who may log in, with which roles, and when they last did."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import Depends, Request
from starlette.responses import Response

from node.pages.asking import visitor_of
from node.pages.desk import Desk, Role
from node.pages.forms import fields, go_to
from node.refusal import Refusal
from people.rules import BadAccount
from schemas.sentences import sentence
from ui.languages import gettext_noop as N_
from ui.pages import Pages
from ui.routes import Routes

Fields = Annotated[list[tuple[str, str]], Depends(fields)]
KEEP_NOTHING = {"Cache-Control": "no-store"}
NO_ROLE = N_("Choose at least one role.")
STATES = {"active": N_("active"), "invited": N_("no password yet"), "disabled": N_("disabled")}
CODE = N_("One-time code")
CODE_HELP = N_(
    "Give this code to the person, by a way that you trust. With it the person sets the password, once, at the address "
    "/login/first of this node. It is good for seven days."
)
TOKEN = N_("Access token")
TOKEN_HELP = N_("Put it where the program keeps its secrets. It is sent as: Authorization: Bearer TOKEN")


def router(desk: Desk, pages: Pages) -> Routes:
    """Give these addresses."""
    routes = Routes(include_in_schema=False)
    _list(routes, desk, pages)
    _one(routes, desk, pages)
    _tokens(routes, desk, pages)
    return routes


def _list(routes: Routes, desk: Desk, pages: Pages) -> None:
    def page(request: Request, problems: list[dict[str, str]], given: dict[str, Any]) -> Response:
        return pages.render(
            request, "people.html", 422 if problems else 200, KEEP_NOTHING, people=desk.people.listed(), states=STATES,
            attempts=desk.people.attempts(20), tokens=desk.node.access.listed(), problems=problems, given=given,
        )  # fmt: skip

    @routes.get("/people")
    def people(request: Request) -> Response:
        visitor_of(desk, request, Role.ADMINISTRATOR)
        return page(request, [], {})

    @routes.post("/people")
    def adding(request: Request, sent: Fields) -> Response:
        visitor = visitor_of(desk, request, Role.ADMINISTRATOR)
        given, roles = dict(sent), [value for name, value in sent if name == "role"]
        name = given.get("name", "")
        if not roles:
            return page(request, [_problem("role", pages.gettext(request, NO_ROLE))], given)
        try:
            code = desk.people.add(visitor, name, roles, person=given.get("person", ""))
        except BadAccount as error:
            return page(request, [_problem("name", pages.said(request, str(error)))], given | {"roles": roles})
        return shown_once(pages, request, CODE, code, CODE_HELP, name)


def _one(routes: Routes, desk: Desk, pages: Pages) -> None:
    @routes.get("/people/{name}")
    def one(request: Request, name: str) -> Response:
        visitor_of(desk, request, Role.ADMINISTRATOR)
        return _page_of(desk, pages, request, name)

    @routes.post("/people/{name}/roles")
    def roles(request: Request, name: str, sent: Fields) -> Response:
        visitor = visitor_of(desk, request, Role.ADMINISTRATOR)
        chosen = [value for field, value in sent if field == "role"]
        if not chosen:
            return _page_of(desk, pages, request, name, _problem("role", pages.gettext(request, NO_ROLE)))
        return _changed(desk, pages, request, name, lambda: desk.people.give_roles(visitor, name, chosen))

    @routes.post("/people/{name}/code")
    def code(request: Request, name: str) -> Response:
        visitor = visitor_of(desk, request, Role.ADMINISTRATOR)
        try:
            made = desk.people.reset(visitor, name)
        except BadAccount as error:
            raise Refusal("not-found", str(error)) from None
        return shown_once(pages, request, CODE, made, CODE_HELP, name)

    @routes.post("/people/{name}/disable")
    def disable(request: Request, name: str) -> Response:
        visitor = visitor_of(desk, request, Role.ADMINISTRATOR)
        return _changed(desk, pages, request, name, lambda: desk.people.disable(visitor, name))

    @routes.post("/people/{name}/enable")
    def enable(request: Request, name: str) -> Response:
        visitor = visitor_of(desk, request, Role.ADMINISTRATOR)
        return _changed(desk, pages, request, name, lambda: desk.people.enable(visitor, name))


def _page_of(desk: Desk, pages: Pages, request: Request, name: str, *problems: dict[str, str]) -> Response:
    found = [each for each in desk.people.listed() if each["name"] == name]
    if not found:
        raise Refusal("not-found", sentence("there is no account {name}", name=repr(name[:100])))
    status = HTTPStatus.UNPROCESSABLE_ENTITY if problems else HTTPStatus.OK
    return pages.render(
        request, "person.html", status, KEEP_NOTHING, person=found[0], states=STATES, problems=problems
    )  # fmt: skip


def _changed(desk: Desk, pages: Pages, request: Request, name: str, change: Callable[[], None]) -> Response:
    try:
        change()
    except BadAccount as error:
        return _page_of(desk, pages, request, name, _problem("", pages.said(request, str(error))))
    return go_to(request, f"/people/{name}")


def _tokens(routes: Routes, desk: Desk, pages: Pages) -> None:
    @routes.post("/tokens")
    def make(request: Request, sent: Fields) -> Response:
        visitor = visitor_of(desk, request, Role.ADMINISTRATOR)
        name = dict(sent).get("token_name", "").strip()
        token = desk.node.tokens.for_program(visitor, name, desk.now())
        return shown_once(pages, request, TOKEN, token, TOKEN_HELP, name)

    @routes.post("/tokens/remove")
    def remove(request: Request, sent: Fields) -> Response:
        visitor = visitor_of(desk, request, Role.ADMINISTRATOR)
        desk.node.tokens.remove(visitor, dict(sent).get("id", ""))
        return go_to(request, "/people")


def shown_once(
    pages: Pages, request: Request, title: str, secret: str, advice: str, name: str, back: str = "/people"
) -> Response:
    """Show a secret, this once; `back` leads on."""
    return pages.render(
        request, "shown_once.html", 200, KEEP_NOTHING, title=title, secret=secret, advice=advice, name=name, back=back
    )  # fmt: skip


def _problem(field: str, message: str) -> dict[str, str]:
    return {"field": field, "message": message}
