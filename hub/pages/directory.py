"""The directory of contact points: one search box for six languages, facets, and every way to reach an office."""

from fastapi import Request
from starlette.responses import Response

from hub.finding.facet_counts import count_facets
from hub.finding.terms import LANGUAGE, ORG, PLACE, ROLE, THEME
from hub.pages.asking import ask
from hub.pages.faceted import ListAsked, choices, countries_in, exported
from hub.queries import list_records
from hub.reading import Reading, visible
from ui.pages import Pages
from ui.routes import Routes


def router(hub: Reading, pages: Pages) -> Routes:
    """Give the page's address."""
    routes = Routes(include_in_schema=False)

    @routes.get("/directory")
    def directory(request: Request) -> Response:
        markings = visible(hub.role(request))
        asked, said = ask(request, ListAsked, kind=["contact"])
        hub.ready_for_counts()
        with hub.connect() as connection:
            found = list_records(connection, asked, markings, hub.now().date())
            counted = count_facets(connection, asked, markings)
        facets = {
            "place": choices(counted, PLACE, asked.place, kept=countries_in(counted, PLACE)),
            "role": choices(counted, ROLE, asked.role),
            "theme": choices(counted, THEME, asked.theme),
            "language": choices(counted, LANGUAGE, asked.language),
            "org": choices(counted, ORG, asked.org),
        }
        return pages.render(
            request, "directory.html", said.status,
            found=found, asked=asked, problems=said.problems, counted=counted, facets=facets,
            exports=exported(asked, "csv", "xlsx", "vcf", "jsonl"), as_of=hub.as_of(),
        )  # fmt: skip

    return routes
