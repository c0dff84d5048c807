"""The page of plans: what organizations mean to do, by the three themes, with who, until when and how far."""

from typing import Any, NamedTuple

from fastapi import Request
from starlette.responses import Response

from hub.filters import Page
from hub.pages.asking import ask
from hub.queries import list_records
from hub.reading import Reading, visible
from schemas.codelists import labels
from ui.pages import Pages
from ui.routes import Routes


class Item(NamedTuple):
    """One item of a plan with the plan's record in the API's form; `late` says that its day has passed undone."""

    plan: dict[str, Any]
    item: dict[str, Any]
    late: bool


def router(hub: Reading, pages: Pages) -> Routes:
    """Give the page's address."""
    routes = Routes(include_in_schema=False)

    @routes.get("/plans")
    def plans(request: Request) -> Response:
        role = hub.role(request)
        asked, said = ask(request, Page, kind=["plan"])
        hub.ready_for(asked)
        today = hub.now().date()
        with hub.connect() as connection:
            found = list_records(connection, asked, visible(role), today)
        return pages.render(
            request, "plans.html", said.status,
            found=found, asked=asked, problems=said.problems, as_of=hub.as_of(),
            by_theme=by_theme(found.items, today.isoformat()),
        )  # fmt: skip

    return routes


def by_theme(plans: list[dict[str, Any]], today: str) -> dict[str, list[Item]]:
    """Give the items of all plans by their theme, those that are due first."""
    found: dict[str, list[Item]] = {theme: [] for theme in labels("plan_theme")}
    for plan in plans:
        for item in plan.get("record", {}).get("items", ()):
            due = item.get("due", "")
            late = bool(due) and due < today and item.get("action_status") not in {"done", "dropped"}
            found[item["theme"]].append(Item(plan, item, late))
    for items in found.values():
        items.sort(key=lambda each: (not each.late, each.item.get("due", "9999"), each.plan["index"]))
    return found
