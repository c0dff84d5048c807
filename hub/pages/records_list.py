"""The page of all records: any kind, by every filter of the API, with the same answer in every format beside it."""

from fastapi import Request
from starlette.responses import Response

from hub.filters import RECORD_STATUSES, Page
from hub.pages.asking import ask
from hub.pages.labels import KINDS
from hub.queries import list_records
from hub.reading import Reading, visible
from schemas.codelists import THEME_SCHEMES, labels
from ui.pages import Pages
from ui.routes import Routes


def router(hub: Reading, pages: Pages) -> Routes:
    """Give the page's address."""
    routes = Routes(include_in_schema=False)

    @routes.get("/records")
    def records(request: Request) -> Response:
        role = hub.role(request)
        asked, said = ask(request, Page)
        hub.ready_for(asked)
        with hub.connect() as connection:
            found = list_records(connection, asked, visible(role), hub.now().date())
        return pages.render(
            request, "records.html", said.status,
            found=found, asked=asked, problems=said.problems, kinds=KINDS, statuses=RECORD_STATUSES,
            schemes=THEME_SCHEMES, theme_labels=labels("theme_1373"), as_of=hub.as_of(),
        )  # fmt: skip

    return routes
