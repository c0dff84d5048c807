"""The grid: all records of this organization, by words and facets, sorted, a page at a time, with boxes to choose."""

from http import HTTPStatus
from typing import Final

from fastapi import Request
from starlette.responses import Response

from node.forms import now_text
from node.pages.asking import visitor_of
from node.pages.desk import Desk, Role
from node.pages.grid_asked import BAD, read_asked
from node.store.grid import FRESHNESS, MAX_COUNTED, PROGRESS, SORTS, STATES, freshness_of
from node.store.grid_cursor import BadCursor
from schemas.codelists import labels
from schemas.records import KINDS
from schemas.release import MARKINGS
from ui.languages import gettext_noop as N_
from ui.pages import Pages
from ui.routes import Routes

# How far a record's last change has come: symbol and word.
PROGRESS_WORDS: Final = {
    "local": ("□", N_("kept here only")),
    "waiting": ("…", N_("waits for the join")),
    "sealed": ("✎", N_("signed, not yet in the log")),
    "logged": ("☰", N_("in the log")),
    "delivered": ("✓", N_("delivered")),
    "refused": ("✕", N_("refused or left out by the hub")),
}
STATE_WORDS: Final = {"current": N_("current"), "local": N_("kept here only"), "withdrawn": N_("withdrawn")}
SORT_WORDS: Final = {
    "changed": N_("Last changed"), "title": N_("Title"), "kind": N_("Kind"), "due": N_("To be confirmed by"),
}  # fmt: skip


def router(desk: Desk, pages: Pages) -> Routes:
    """Give the page's address."""
    routes = Routes(include_in_schema=False)

    @routes.get("/records")
    def records(request: Request) -> Response:
        visitor = visitor_of(desk, request)
        grid, today = desk.node.grid, desk.now().date()
        asked, problems = read_asked(request.query_params)
        try:
            found = grid.page(asked, today)
        except BadCursor:
            problems.append({"field": "", "message": BAD})
            asked = read_asked(request.query_params.__class__())[0]
            found = grid.page(asked, today)
        return pages.render(
            request, "grid.html", HTTPStatus.UNPROCESSABLE_ENTITY if problems else HTTPStatus.OK,
            asked=asked, problems=[{**each, "message": pages.gettext(request, each["message"])} for each in problems],
            found=found, fresh={line.number: freshness_of(line, today) for line in found.items},
            own_themes=grid.themes(), theme_labels=labels("theme_1373"), kinds=list(KINDS),
            states=STATES, markings=MARKINGS, freshness_words=FRESHNESS, progress_words=PROGRESS_WORDS,
            progress_choices=PROGRESS, state_words=STATE_WORDS, sorts=SORTS, sort_words=SORT_WORDS,
            max_counted=MAX_COUNTED, may_change=visitor.may(Role.OFFICER), as_of=now_text(desk.now()),
            said=request.query_params.get("said", ""),
        )  # fmt: skip

    return routes
