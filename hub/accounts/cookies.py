"""The two cookies that a browser gets: who is logged in, and that it has been used before."""

from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response

from hub.accounts.known_browsers import KNOWN_FOR
from hub.accounts.log_ins import Attempt, From

SESSION = "liaison-session"
BROWSER = "liaison-browser"


def session_of(request: Request) -> str | None:
    """Give the session's cookie, if there is one."""
    return request.cookies.get(_name(request, SESSION))


def origin_of(request: Request) -> From:
    """Say where a request comes from."""
    address = request.client.host if request.client else ""
    return From(address, request.cookies.get(_name(request, BROWSER)), session_of(request))


def give(request: Request, response: Response, attempt: Attempt) -> None:
    """Set the cookies of who has just logged in. The session's ends with the browser, or earlier, in the database."""
    if attempt.session is not None:
        _set(request, response, SESSION, attempt.session, None)
    if attempt.browser is not None:
        _set(request, response, BROWSER, attempt.browser, KNOWN_FOR)


def take_back(request: Request, response: Response) -> None:
    """Remove the session's cookie; the browser stays known."""
    _set(request, response, SESSION, "", timedelta(0))


def _name(request: Request, name: str) -> str:
    """Where there is TLS, no other host or path can set this cookie (RFC 6265bis, `__Host-`)."""
    return f"__Host-{name}" if request.url.scheme == "https" else name


def _set(request: Request, response: Response, name: str, value: str, age: timedelta | None) -> None:
    response.set_cookie(
        _name(request, name), value, path="/", httponly=True, samesite="lax", secure=request.url.scheme == "https",
        max_age=None if age is None else int(age.total_seconds()),
    )  # fmt: skip
