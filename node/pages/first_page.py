"""The first page: what this is, for anybody, and the way in."""

from fastapi import Request
from starlette.responses import Response

from node.pages.desk import Desk
from ui.pages import Pages
from ui.routes import Routes


def router(desk: Desk, pages: Pages) -> Routes:
    """Give this address."""
    routes = Routes(include_in_schema=False)

    @routes.get("/")
    def first_page(request: Request) -> Response:
        return pages.render(request, "first_page.html", begun=desk.people.begun())

    return routes
