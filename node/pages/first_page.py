"""The first page: what this is, for anybody, and the way in."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from node.pages.desk import Desk
from ui.pages import Pages


def router(desk: Desk, pages: Pages) -> APIRouter:
    """Give this address."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/")
    def first_page(request: Request) -> Response:
        return pages.render(request, "first_page.html", begun=desk.people.begun())

    return routes
