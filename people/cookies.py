"""The two cookies that a browser gets of a service: who is logged in, and that it has been used before."""

from dataclasses import dataclass
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response

from people.known_browsers import KNOWN_FOR
from people.log_ins import Attempt, From


@dataclass(frozen=True)
class Cookies:
    """The names begin with `service`: browsers tell hosts apart, and not the ports of one."""

    service: str

    def session_of(self, request: Request) -> str | None:
        """Give the session's cookie, if there is one."""
        return request.cookies.get(self._session(request))

    def origin_of(self, request: Request) -> From:
        """Say where a request comes from."""
        address = request.client.host if request.client else ""
        return From(address, request.cookies.get(self._browser(request)), self.session_of(request))

    def give(self, request: Request, response: Response, attempt: Attempt) -> None:
        """Set the cookies of who has logged in. The session's ends with the browser, or earlier, in the database."""
        if attempt.session is not None:
            _set(request, response, self._session(request), attempt.session, None)
        if attempt.browser is not None:
            _set(request, response, self._browser(request), attempt.browser, KNOWN_FOR)

    def take_back(self, request: Request, response: Response) -> None:
        """Remove the session's cookie; the browser stays known."""
        _set(request, response, self._session(request), "", timedelta(0))

    def _session(self, request: Request) -> str:
        return _name(request, f"{self.service}-session")

    def _browser(self, request: Request) -> str:
        return _name(request, f"{self.service}-browser")


def _name(request: Request, name: str) -> str:
    """Where there is TLS, no other host or path can set this cookie (RFC 6265bis, `__Host-`)."""
    return f"__Host-{name}" if request.url.scheme == "https" else name


def _set(request: Request, response: Response, name: str, value: str, age: timedelta | None) -> None:
    response.set_cookie(
        name, value, path="/", httponly=True, samesite="lax", secure=request.url.scheme == "https",
        max_age=None if age is None else int(age.total_seconds()),
    )  # fmt: skip
