"""The pages where people log in and out, set their password for the first time, and change it."""

from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from hub.access import Role
from hub.accounts.log_ins import COOKIES
from hub.pages.forms import form, go_to, place_here
from hub.reading import Reading
from people.log_ins import Attempt
from people.passwords import BadPassword, TooBusy
from ui.languages import gettext_noop as N_
from ui.pages import Pages

Show = Callable[..., Response]
Form = Annotated[dict[str, str], Depends(form)]
NOT_RIGHT = N_("Name or password is not right. If you have forgotten it, ask the hub's operators for a new code.")
NO_TOKEN = N_("This access token is not known here. Ask the hub's operators for one.")
NO_CODE = N_("This code is not good, or not any more. Ask the hub's operators for a new one.")
OLD_WRONG = N_("Your present password is not right.")
BUSY = N_("Too many people log in at this moment. Try again in a minute.")


WAIT = N_("Too many attempts have failed. Nothing was tried this time. Wait %(seconds)s seconds, then try again.")


class Wrong(NamedTuple):
    """Why an attempt gave nothing: the answer's status, the field it is about, the text, and how long to wait."""

    status: HTTPStatus
    field: str
    message: str
    wait: int = 0


def router(hub: Reading, pages: Pages) -> APIRouter:
    """Give these addresses."""
    routes = APIRouter(include_in_schema=False)
    show = partial(_show, pages)
    _log_in_and_out(routes, hub, show)
    _first_time(routes, hub, show)
    _own_account(routes, hub, show)
    return routes


def _log_in_and_out(routes: APIRouter, hub: Reading, show: Show) -> None:
    @routes.get("/login")
    def log_in(request: Request) -> Response:
        return show(request, "log_in.html", next=place_here(request.query_params.get("next", "/")))

    @routes.post("/login")
    def logging_in(request: Request, given: Form) -> Response:
        by, target = COOKIES.origin_of(request), place_here(given.get("next", "/"))
        token = given.get("token", "").strip()
        if token:
            found = _tried(lambda: hub.log_ins.by_token(token, by), "token", NO_TOKEN)
        else:
            name, password = given.get("name", ""), given.get("password", "")
            found = _tried(lambda: hub.log_ins.by_password(name, password, by), "name", NOT_RIGHT)
        if isinstance(found, Wrong):
            return show(request, "log_in.html", found, next=target)
        return _let_in(request, found, target)

    @routes.post("/logout")
    def log_out(request: Request) -> Response:
        hub.log_ins.log_out(COOKIES.origin_of(request))
        answer = go_to(request, "/login")
        COOKIES.take_back(request, answer)
        return answer


def _first_time(routes: APIRouter, hub: Reading, show: Show) -> None:
    @routes.get("/login/first")
    def first(request: Request) -> Response:
        return show(request, "log_in_first.html", code="")

    @routes.post("/login/first")
    def setting_first(request: Request, given: Form) -> Response:
        code, password = given.get("code", ""), given.get("password", "")
        by = COOKIES.origin_of(request)
        found = _tried(lambda: hub.log_ins.by_code(code, password, by), "code", NO_CODE)
        if isinstance(found, Wrong):
            return show(request, "log_in_first.html", found, code=code)
        return _let_in(request, found, "/account")


def _own_account(routes: APIRouter, hub: Reading, show: Show) -> None:
    @routes.get("/account")
    def account(request: Request) -> Response:
        if hub.role(request) is Role.PUBLIC:
            return go_to(request, "/login", next="/account")
        return show(request, "account.html", changed=request.query_params.get("changed") == "yes")

    @routes.post("/account")
    def changing(request: Request, given: Form) -> Response:
        reader, by = hub.reader(request), COOKIES.origin_of(request)
        if reader.account is None:
            return go_to(request, "/login", next="/account")
        old, new = given.get("old", ""), given.get("password", "")
        found = _tried(lambda: hub.log_ins.change_password(reader.account, old, new, by), "old", OLD_WRONG)
        if isinstance(found, Wrong):
            return show(request, "account.html", found, changed=False)
        answer = go_to(request, "/account", changed="yes")
        COOKIES.give(request, answer, found)
        return answer


def _tried(attempt: Callable[[], Attempt], field: str, message: str) -> Attempt | Wrong:
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


def _let_in(request: Request, attempt: Attempt, target: str) -> Response:
    answer = go_to(request, target)
    COOKIES.give(request, answer, attempt)
    return answer


def _show(pages: Pages, request: Request, template: str, wrong: Wrong | None = None, **context: Any) -> Response:
    """Give a page as it is, or with what was wrong; the browser keeps nothing of it."""
    headers, problems = {"Cache-Control": "no-store"}, []
    if wrong is not None:
        message = pages.gettext(request, wrong.message)
        problems = [{"field": wrong.field, "message": message % {"seconds": wrong.wait} if wrong.wait else message}]
        if wrong.wait:
            headers["Retry-After"] = str(wrong.wait)
    return pages.render(request, template, wrong.status if wrong else 200, headers, problems=problems, **context)
