"""The page This hub: the checks of `liaison-hub doctor` in words, for operators."""

from typing import Final

from fastapi import Request
from starlette.responses import Response

from hub.api.doctor import examined
from hub.reading import Reading
from ui.pages import Pages
from ui.routes import Routes
from ui.states import CHECKS

KEEP_NOTHING: Final = {"Cache-Control": "no-store"}


def router(hub: Reading, pages: Pages) -> Routes:
    """Give the page's address."""
    routes = Routes(include_in_schema=False)

    @routes.get("/doctor")
    def own(request: Request) -> Response:
        hub.operator(request)
        return pages.render(request, "doctor.html", headers=KEEP_NOTHING, found=examined(hub), shown=CHECKS)

    return routes
