"""All about one place, and all about one organization: a brief that prints on two pages."""

from http import HTTPStatus
from typing import Any

from fastapi import Request
from starlette.responses import Response

from hub.access import Role
from hub.pages.accessions import Question, Status, stand
from hub.pages.listing import Found, read_records
from hub.problem_details import Refusal
from hub.queries import one_node, record_of
from hub.reading import Reading, visible
from schemas.codelists import is_country, regions
from schemas.sentences import gettext_noop as N_
from schemas.statement import is_org
from ui.pages import Pages
from ui.routes import Routes

SHOWN = 15
ABOUT_PLACE = ("contact", "need", "offer", "activity", "assessment", "finding", "priority", "plan", "resource")
OF_ORGANIZATION = (
    "contact", "need", "offer", "activity", "assessment", "finding", "priority", "plan", "resource", "link",
    "accession",
)  # fmt: skip
# The page on which all of a kind are listed, where it has one of its own.
LISTS = {
    "contact": "/directory", "need": "/needs", "assessment": "/assessments", "resource": "/resources", "plan": "/plans",
}  # fmt: skip


def router(hub: Reading, pages: Pages) -> Routes:
    """Give the addresses of both profiles."""
    routes = Routes(include_in_schema=False)

    @routes.get("/places/{code}")
    def place(request: Request, code: str) -> Response:
        role = hub.role(request)
        if not is_country(code) and code not in regions():
            raise Refusal(HTTPStatus.NOT_FOUND, "not-found", N_("There is no country or region of this code."))
        with hub.connect() as connection:
            found = {
                kind: read_records(hub, connection, role, SHOWN, kind=[kind], place=[code]) for kind in ABOUT_PLACE
            }
            said = read_records(hub, connection, role, 200, kind=["accession"], place=[code]).items
        statuses = stand(said, Question(place=[code]), None) if is_country(code) else []
        within = [] if is_country(code) else sorted(each for each, region in regions().items() if region.parent == code)
        return pages.render(
            request, "place.html",
            code=code, found=found, lists=LISTS, accession=_counted(statuses), within=within, as_of=hub.as_of(),
        )  # fmt: skip

    @routes.get("/organizations/{org}")
    def organization(request: Request, org: str) -> Response:
        role = hub.role(request)
        with hub.connect() as connection:
            if not is_org(org) or (node := _node(hub, connection, org)) is None:
                raise Refusal(HTTPStatus.NOT_FOUND, "not-found", N_("No organization of this id is in the network."))
            found = {
                kind: read_records(hub, connection, role, SHOWN, kind=[kind], org=[org]) for kind in OF_ORGANIZATION
            }
            own = _own_record(hub, connection, role, org)
        return pages.render(
            request, "organization.html", org=org, own=own, node=node, found=found, lists=LISTS, as_of=hub.as_of()
        )

    return routes


def _counted(statuses: list[Status]) -> dict[str, int]:
    return {
        name: sum(1 for each in statuses if each.standing == name) for name in ("party", "signed", "left", "unknown")
    }


def _node(hub: Reading, connection: Any, org: str) -> dict[str, Any] | None:
    return one_node(connection, hub.registry(), org, hub.now())


def _own_record(hub: Reading, connection: Any, role: Role, org: str) -> dict[str, Any] | None:
    own = record_of(connection, ("organization", org, org), visible(role), hub.now().date())
    if own is not None:
        return own
    found: Found = read_records(hub, connection, role, 1, kind=["organization"], org=[org])
    return found.items[0] if found.items else None
