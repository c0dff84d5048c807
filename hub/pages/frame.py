"""The frame of the hub's pages: navigation, templates, words, who is reading; and errors as pages."""

from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

from fastapi import Request
from starlette.responses import Response

from hub.access import Reader, Role
from hub.pages import labels
from hub.pages.forms import go_to
from hub.problem_details import Refusal
from hub.reading import Reading
from people.pages import TEMPLATES
from ui.languages import gettext_noop as N_
from ui.pages import Pages, Place

HUB: Final = Path(__file__).parents[1]
NAVIGATION: Final = (
    Place("/", N_("Overview")),
    Place("/directory", N_("Directory")),
    Place("/needs", N_("Needs")),
    Place("/matrix", N_("Matrix")),
    Place("/assessments", N_("Assessments")),
    Place("/resources", N_("Standards and guidance")),
    Place("/plans", N_("Plans")),
    Place("/accessions", N_("Accession")),
    Place("/feed", N_("Live feed")),
    Place("/subscribe", N_("Subscribe")),
    Place("/verify", N_("Verify")),
    Place("/audit", N_("Audit")),
)
FOR_OPERATORS: Final = (
    Place("/sync", N_("Network")),
    Place("/quarantine", N_("Quarantine")),
    Place("/doctor", N_("This hub")),
)
ROLES: Final = {Role.PUBLIC: N_("public"), Role.MEMBER: N_("member"), Role.OPERATOR: N_("operator")}
_TITLES: Final = {
    HTTPStatus.BAD_REQUEST: N_("This question cannot be answered"),
    HTTPStatus.UNAUTHORIZED: N_("Please log in"),
    HTTPStatus.FORBIDDEN: N_("This is not for your account"),
    HTTPStatus.NOT_FOUND: N_("There is no such page"),
    HTTPStatus.CONFLICT: N_("This does not fit what the hub holds"),
}
# Addresses for programs: their errors are problem documents whoever asks.
_PROGRAMS: Final = ("/api/", "/log/", "/schemas/", "/static/", "/trust.json", "/openapi.json", "/asyncapi.json")


def create_pages(hub: Reading) -> Pages:
    """Build what renders the hub's pages."""

    def reader(request: Request) -> Mapping[str, Any]:
        found = _reader(hub, request)
        more = FOR_OPERATORS if found.role is Role.OPERATOR else ()
        following = None if hub.following is None else hub.following()
        return {
            "now": hub.now(), "reader": found, "roles": ROLES, "more_places": more, "following": following,
            "standing_of": hub.standing_of,
        }  # fmt: skip

    return Pages(
        "Liaison", hub.network, [HUB / "templates", TEMPLATES],
        [HUB / "locale", *(HUB.parent / each / "locale" for each in ("people", "wire", "schemas"))], NAVIGATION,
        labels.words, reader,
    )  # fmt: skip


def wants_page(request: Request) -> bool:
    """Whether an error is to be answered with a page: a person's browser asked for an address that is a page."""
    path = request.url.path.removeprefix(request.state.language_prefix)
    return "text/html" in request.headers.get("accept", "") and not path.startswith(_PROGRAMS)


def problem_page(pages: Pages, request: Request, refusal: Refusal) -> Response:
    """Say what went wrong, and what to do; where only a log-in is missing, that is the page."""
    if refusal.name == "token-needed" and request.method == "GET":
        asked = f"{request.url.path.removeprefix(request.state.language_prefix)}?{request.url.query}".rstrip("?")
        return go_to(request, "/login", next=asked)
    title = _TITLES.get(refusal.status, N_("Something went wrong"))
    problems = [{"field": each.pointer.strip("/"), "message": each.message} for each in refusal.problems]
    # The words of HTTP say no more than the title.
    detail = "" if problems or refusal.detail == f"{refusal.status.phrase}." else refusal.detail
    return pages.render(
        request, "problem.html", refusal.status, refusal.headers,
        title=pages.gettext(request, title), detail=detail, problems=problems,
    )  # fmt: skip


def _reader(hub: Reading, request: Request) -> Reader:
    """Give who reads; a page that says that a token is not known is read by the public."""
    try:
        return hub.reader(request)
    except Refusal:
        return Reader(Role.PUBLIC)
