"""The frame of the node's pages: navigation, templates, words, who is visiting; and errors as pages."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final, NamedTuple

from fastapi import Request
from starlette.responses import Response

from node.entry_form.choices import form_words
from node.pages.asking import LOG_IN_NEEDED
from node.pages.desk import Desk, Role
from node.problem_details import Wrong
from people.pages import TEMPLATES
from people.vocabulary import VOCABULARY
from ui import labels
from ui.forms import go_to
from ui.labels import Labels
from ui.languages import gettext_noop as N_
from ui.pages import Pages, Place

NODE: Final = Path(__file__).parents[1]
INBOX: Final = "/inbox"
# What whoever is logged in finds in the head of each page, and what administrators find beside it.
NAVIGATION: Final = (
    Place("/desk", N_("My desk")),
    Place("/records", N_("Records")),
    Place("/import", N_("Import")),
    Place(INBOX, N_("Inbox")),
    Place("/connection", N_("Connection")),
    Place("/outbox", N_("Outbox")),
)
FOR_ADMINISTRATORS: Final = (
    Place("/keys", N_("Keys")),
    Place("/people", N_("People")),
    Place("/backup", N_("Backup")),
    Place("/acts", N_("Trail")),
    Place("/welcome", N_("First steps")),
)
ROLES: Final = {
    Role.OFFICER: N_("desk officer"),
    Role.REVIEWER: N_("reviewer"),
    Role.ADMINISTRATOR: N_("administrator"),
}
_TITLES: Final = {
    HTTPStatus.BAD_REQUEST: N_("This question cannot be answered"),
    HTTPStatus.UNAUTHORIZED: N_("Please log in"),
    HTTPStatus.FORBIDDEN: N_("This is not for your account"),
    HTTPStatus.NOT_FOUND: N_("There is no such page"),
    HTTPStatus.METHOD_NOT_ALLOWED: N_("This page cannot be used in this way"),
    HTTPStatus.CONFLICT: N_("This does not fit what the node holds"),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: N_("This is too much at once"),
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: N_("This was not sent by a form of a page"),
    HTTPStatus.UNPROCESSABLE_ENTITY: N_("This cannot be accepted as it is"),
    HTTPStatus.TOO_MANY_REQUESTS: N_("This was tried too often"),
    HTTPStatus.SERVICE_UNAVAILABLE: N_("This cannot be done just now"),
}
# What to do, in the reader's language; what is known of the single case stands beside it.
_ADVICE: Final = {
    HTTPStatus.NOT_FOUND: N_("The address may be mistyped, or what was here is gone. Look for it from the first page."),
    HTTPStatus.METHOD_NOT_ALLOWED: N_("Open it by a link or a button of a page. Nothing was changed."),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: N_("Nothing was saved. Go back, make it less or smaller, and try again."),
    HTTPStatus.TOO_MANY_REQUESTS: N_("Wait a little, then try again."),
    HTTPStatus.INTERNAL_SERVER_ERROR: N_(
        "It is not your fault. Look whether your change is there before you try again; if this comes again, tell the "
        "administrator: the node's log says what it was."
    ),
    HTTPStatus.SERVICE_UNAVAILABLE: N_("Try again in a few minutes."),
}
# Addresses for programs: their errors are problem documents whoever asks.
_PROGRAMS: Final = ("/api/", "/static/", "/openapi.json", "/livez", "/readyz", "/version", "/metrics", "/witness/")


class Shown(NamedTuple):
    """Who is visiting, as the head of a page says it; no name for nobody."""

    name: str | None
    roles: tuple[Role, ...]


def words(language: str, gettext: Callable[[str], str]) -> Mapping[str, Any]:
    """Give templates the words of a language, those of forms included."""
    found = labels.words(VOCABULARY, language, gettext)
    return {**found, **form_words(Labels(VOCABULARY, language, gettext), gettext)}


def create_pages(desk: Desk) -> Pages:
    """Build what renders the node's pages."""
    settings = desk.node.settings

    def visiting(request: Request) -> Mapping[str, Any]:
        if getattr(request.state, "bare", False):
            return {"now": desk.now(), "organization": settings.organization}
        visitor = desk.visitor(request)
        held = () if visitor is None else tuple(role for role in Role if visitor.may(role))
        places: tuple[Place, ...] = () if visitor is None else NAVIGATION
        if Role.OFFICER in held and (unread := desk.node.letters.unread()):
            places = tuple(replace(each, unread=unread) if each.address == INBOX else each for each in places)
        more = FOR_ADMINISTRATORS if Role.ADMINISTRATOR in held else ()
        reader = Shown(None if visitor is None else visitor.name, held)
        return {
            "now": desk.now(), "visitor": visitor, "reader": reader, "roles": ROLES, "more_places": (*places, *more),
            "organization": settings.organization, "provider": settings.openid,
        }  # fmt: skip

    return Pages(
        settings.name or settings.organization, settings.organization, [NODE / "templates", TEMPLATES],
        [NODE / "locale", *(NODE.parent / each / "locale" for each in ("people", "wire", "schemas"))],
        (), words, visiting,
    )  # fmt: skip


def wants_page(request: Request) -> bool:
    """Whether an error is to be answered with a page: a person's browser asked for an address that is a page."""
    path = request.url.path.removeprefix(request.state.language_prefix)
    return "text/html" in request.headers.get("accept", "") and not path.startswith(_PROGRAMS)


def problem_page(pages: Pages, request: Request, wrong: Wrong) -> Response:
    """Say what went wrong, and what to do; where only a log-in is missing, that is the page."""
    if wrong.reason == LOG_IN_NEEDED and request.method == "GET":
        asked = f"{request.url.path.removeprefix(request.state.language_prefix)}?{request.url.query}".rstrip("?")
        return go_to(request, "/login", next=asked)
    # What failed may be the database, which the head of a page asks: then it has none.
    request.state.bare = wrong.status == HTTPStatus.INTERNAL_SERVER_ERROR
    title, advice = _TITLES.get(wrong.status, N_("Something went wrong")), _ADVICE.get(wrong.status)
    says_no_more = wrong.detail == wrong.status.phrase or wrong.status == HTTPStatus.INTERNAL_SERVER_ERROR
    problems = [
        {"field": each.pointer.strip("/"), "message": pages.said(request, each.message)} for each in wrong.problems
    ]
    return pages.render(
        request, "problem.html", wrong.status, wrong.headers,
        title=pages.gettext(request, title), detail="" if problems or says_no_more else wrong.detail, problems=problems,
        advice="" if advice is None else pages.gettext(request, advice),
    )  # fmt: skip
