"""The pages of log-in by an OpenID Connect provider: to the provider, and back with who it is."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Final

import orjson
from fastapi import Request
from markupsafe import Markup
from starlette.responses import RedirectResponse, Response

from node.accounts.openid import Begun, NotLoggedIn, Provider, begin
from node.accounts.openid_settings import CALLBACK
from node.pages.desk import Desk
from node.pages.forms import place_here
from node.pages.log_in import cookies_of
from people.pages import let_in
from ui.languages import gettext_noop as N_
from ui.pages import Pages
from ui.routes import Routes

SECONDS: Final = 600  # for a log-in on its way
NO_ROLE: Final = N_("You are known to the provider, but have no role at this node. Ask an administrator for one.")
NOT_BEGUN: Final = N_("This log-in was not begun in this browser, or long ago.")
NOT_DONE: Final = N_("The log-in was not completed.")


def router(desk: Desk, pages: Pages) -> Routes:
    """Give these addresses; none where no provider is named."""
    routes = Routes(include_in_schema=False)
    settings = desk.node.settings.openid
    if settings is None:
        return routes
    provider, cookies = Provider(settings), cookies_of(desk.node)
    secure = settings.address.startswith("https://")
    cookie = f"{'__Host-' if secure else ''}{cookies.service}-openid"

    def refused(request: Request, message: str, detail: str = "") -> Response:
        said = Markup("{} {}").format(pages.gettext(request, message), pages.said(request, detail)).strip()
        answer = pages.render(
            request, "log_in.html", 401, {"Cache-Control": "no-store"}, problems=[{"field": "", "message": said}],
            next="/desk",
        )  # fmt: skip
        answer.delete_cookie(cookie, path="/", secure=secure, httponly=True, samesite="lax")
        return answer

    @routes.get("/login/openid")
    def to_provider(request: Request) -> Response:
        begun, target = begin(), place_here(request.query_params.get("next", "/desk"))
        try:
            address = provider.address(begun)
        except NotLoggedIn as error:
            return refused(request, NOT_DONE, str(error))
        answer = RedirectResponse(address, 303, {"Cache-Control": "no-store"})
        value = urlsafe_b64encode(orjson.dumps([*begun, target])).decode()
        answer.set_cookie(cookie, value, SECONDS, path="/", secure=secure, httponly=True, samesite="lax")
        return answer

    @routes.get(CALLBACK)
    def back(request: Request) -> Response:
        kept = _kept(request.cookies.get(cookie, ""))
        if kept is None:
            return refused(request, NOT_DONE, NOT_BEGUN)
        begun, target = kept
        try:
            found = provider.finish(begun, dict(request.query_params))
        except NotLoggedIn as error:
            return refused(request, NOT_DONE, str(error))
        if not found.roles:
            desk.acts.note("log-in provider", "person.without-role", found.name, found.person, outcome="refused")
            return refused(request, NO_ROLE)
        attempt = desk.people.by_provider(found.name, found.person, found.roles, cookies.origin_of(request))
        if attempt.session is None:
            return refused(request, NO_ROLE)
        answer = let_in(cookies, request, attempt, target)
        answer.delete_cookie(cookie, path="/", secure=secure, httponly=True, samesite="lax")
        return answer

    return routes


def _kept(cookie: str) -> tuple[Begun, str] | None:
    try:
        *begun, target = orjson.loads(urlsafe_b64decode(cookie[:4000]))
    except (ValueError, TypeError):
        return None
    if len(begun) != len(Begun._fields) or not all(isinstance(each, str) and each for each in (*begun, target)):
        return None
    return Begun(*begun), place_here(target)
