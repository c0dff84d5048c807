"""The page of standards, codes, best practice and guidance: what there is, from whom, and where to read it."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from hub.filters import Page
from hub.pages.asking import ask
from hub.queries import list_records
from hub.reading import Reading, visible
from schemas.codelists import codes
from ui.pages import Pages


def router(hub: Reading, pages: Pages) -> APIRouter:
    """Give the page's address."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/resources")
    def resources(request: Request) -> Response:
        role = hub.role(request)
        asked, said = ask(request, Page, kind=["resource"])
        hub.ready_for(asked)
        with hub.connect() as connection:
            found = list_records(connection, asked, visible(role), hub.now().date())
        return pages.render(
            request, "resources.html", said.status,
            found=found, asked=asked, problems=said.problems, as_of=hub.as_of(), types=sorted(codes("resource_type")),
        )  # fmt: skip

    return routes
