"""The page of standards, codes and guidance: what there is, where to read it, what it asks, and who helps."""

from typing import Any

from fastapi import Request
from sqlalchemy import Connection
from starlette.responses import Response

from hub.access import Role
from hub.filters import Page
from hub.pages.asking import ask
from hub.pages.listing import Found, read_records
from hub.queries import list_records
from hub.reading import Reading, visible
from schemas.codelists import labels
from ui.pages import Pages
from ui.routes import Routes

SHOWN = 5  # offers beside a standard


def router(hub: Reading, pages: Pages) -> Routes:
    """Give the page's address."""
    routes = Routes(include_in_schema=False)

    @routes.get("/resources")
    def resources(request: Request) -> Response:
        role = hub.role(request)
        asked, said = ask(request, Page, kind=["resource"])
        hub.ready_for(asked)
        with hub.connect() as connection:
            found = list_records(connection, asked, visible(role), hub.now().date())
            helpers = {item["index"]: _who_helps(hub, connection, role, item) for item in found.items}
        return pages.render(
            request, "resources.html", said.status,
            found=found, asked=asked, problems=said.problems, as_of=hub.as_of(), helpers=helpers,
            theme_labels=labels("theme_1373"),
        )  # fmt: skip

    return routes


def _who_helps(hub: Reading, connection: Connection, role: Role, item: dict[str, Any]) -> Found:
    """Give the open offers on the themes of a standard, those first that say that they work by it."""
    themes = [f"{theme['scheme']}:{theme['code']}" for theme in item.get("record", {}).get("themes", ())]
    if not themes:
        return Found([], more=False)
    found = read_records(hub, connection, role, SHOWN, kind=["offer"], theme=themes, status=["open"])
    address = f"resource/{item['org']}/{item['id']}"
    by_it = {address} | ({item["id"]} if item["org"] else set())
    items = sorted(found.items, key=lambda offer: not by_it & set(offer["record"].get("standards_used", ())))
    return Found(items, found.more)
