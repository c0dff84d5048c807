"""The pages where people log in and out, set their first password, and change it; alike in each service."""

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Any, Final, NamedTuple

from fastapi import Depends, Request
from starlette.responses import Response

from people.cookies import Cookies
from people.log_ins import Attempt, LogIns
from people.passwords import BUSY, BadPassword, TooBusy
from ui.forms import go_to, place_here
from ui.languages import gettext_noop as N_
from ui.pages import Pages
from ui.routes import Routes

TEMPLATES: Final = Path(__file__).parent / "templates"  # which those of a service extend
OLD_WRONG = N_("Your present password is not right.")
WAIT = N_("Too many attempts have failed. Nothing was tried this time. Wait %(seconds)s seconds, then try again.")


class Words(NamedTuple):
    """What a service says when it lets nobody in; each names whom to ask."""

    not_right: str
    no_code: str
    no_token: str = ""


@dataclass(frozen=True)
class Door:
    """What the pages of one service need.

    `form` reads what was sent; `who` gives the number of the account that is logged in (0: by token), None for nobody.
    """

    log_ins: LogIns
    cookies: Cookies
    pages: Pages
    form: Callable[..., Any]
    who: Callable[[Request], int | None]
    words: Words
    home: str = "/"  # where one goes from the log-in page


class Wrong(NamedTuple):
    """Why an attempt gave nothing: the answer's status, the field it is about, the text, and how long to wait."""

    status: HTTPStatus
    field: str
    message: str
    wait: int = 0


def router(door: Door) -> Routes:
    """Give /login, /login/first, /logout and /account."""
    routes = Routes(include_in_schema=False)
    _log_in_and_out(routes, door)
    _first_time(routes, door)
    _own_account(routes, door)
    return routes


def _log_in_and_out(routes: Routes, door: Door) -> None:
    @routes.get("/login")
    def log_in(request: Request) -> Response:
        return show(door.pages, request, "log_in.html", next=place_here(request.query_params.get("next", door.home)))

    @routes.post("/login")
    def logging_in(request: Request, given: Annotated[dict[str, str], Depends(door.form)]) -> Response:
        by, target = door.cookies.origin_of(request), place_here(given.get("next", door.home))
        token = given.get("token", "").strip()
        if token and door.words.no_token:
            found = tried(lambda: door.log_ins.by_token(token, by), "token", door.words.no_token)
        else:
            name, password = given.get("name", ""), given.get("password", "")
            found = tried(lambda: door.log_ins.by_password(name, password, by), "name", door.words.not_right)
        if isinstance(found, Wrong):
            return show(door.pages, request, "log_in.html", found, next=target)
        return let_in(door.cookies, request, found, target)

    @routes.post("/logout")
    def log_out(request: Request) -> Response:
        door.log_ins.log_out(door.cookies.origin_of(request))
        answer = go_to(request, "/login")
        door.cookies.take_back(request, answer)
        return answer


def _first_time(routes: Routes, door: Door) -> None:
    @routes.get("/login/first")
    def first(request: Request) -> Response:
        return show(door.pages, request, "log_in_first.html", code="")

    @routes.post("/login/first")
    def setting_first(request: Request, given: Annotated[dict[str, str], Depends(door.form)]) -> Response:
        code, password = given.get("code", ""), given.get("password", "")
        by = door.cookies.origin_of(request)
        found = tried(lambda: door.log_ins.by_code(code, password, by), "code", door.words.no_code)
        if isinstance(found, Wrong):
            return show(door.pages, request, "log_in_first.html", found, code=code)
        return let_in(door.cookies, request, found, "/account")


def _own_account(routes: Routes, door: Door) -> None:
    @routes.get("/account")
    def account(request: Request) -> Response:
        number = door.who(request)
        if number is None:
            return go_to(request, "/login", next="/account")
        changed = request.query_params.get("changed") == "yes"
        return show(door.pages, request, "account.html", changed=changed, by_password=number > 0)

    @routes.post("/account")
    def changing(request: Request, given: Annotated[dict[str, str], Depends(door.form)]) -> Response:
        number, by = door.who(request), door.cookies.origin_of(request)
        if not number:
            return go_to(request, "/login", next="/account")
        old, new = given.get("old", ""), given.get("password", "")
        found = tried(lambda: door.log_ins.change_password(number, old, new, by), "old", OLD_WRONG)
        if isinstance(found, Wrong):
            return show(door.pages, request, "account.html", found, changed=False, by_password=True)
        return let_in(door.cookies, request, found, "/account", changed="yes")


def tried(attempt: Callable[[], Attempt], field: str, message: str) -> Attempt | Wrong:
    """Make an attempt; gives it, or why it gave nothing."""
    try:
        found = attempt()
    except BadPassword as error:
        return Wrong(HTTPStatus.UNPROCESSABLE_ENTITY, "password", str(error))
    except TooBusy:
        return Wrong(HTTPStatus.SERVICE_UNAVAILABLE, "", BUSY, 60)
    if found.session is not None:
        return found
    if found.wait:
        return Wrong(HTTPStatus.TOO_MANY_REQUESTS, "", WAIT, found.wait)
    return Wrong(HTTPStatus.UNAUTHORIZED, field, message)


def let_in(cookies: Cookies, request: Request, attempt: Attempt, target: str, **query: str) -> Response:
    """Give the cookies, and go on."""
    answer = go_to(request, target, **query)
    cookies.give(request, answer, attempt)
    return answer


def show(pages: Pages, request: Request, template: str, wrong: Wrong | None = None, **context: Any) -> Response:
    """Give a page as it is, or with what was wrong; the browser keeps nothing of it."""
    headers, problems = {"Cache-Control": "no-store"}, []
    if wrong is not None:
        message = pages.gettext(request, wrong.message)
        problems = [{"field": wrong.field, "message": message % {"seconds": wrong.wait} if wrong.wait else message}]
        if wrong.wait:
            headers["Retry-After"] = str(wrong.wait)
    return pages.render(request, template, wrong.status if wrong else 200, headers, problems=problems, **context)
