"""The page of one record: what it says now, or said in a version; its history, and how to check it."""

from http import HTTPStatus
from typing import Annotated, Any, Final
from urllib.parse import quote

from fastapi import Request
from pydantic import Field
from sqlalchemy import Connection
from starlette.responses import RedirectResponse, Response

from hub import checkpoints
from hub.access import Role
from hub.api.records import absent
from hub.filters import MAX_LIMIT, Asked, PageOnly
from hub.pages.asking import ask
from hub.pages.event_words import called
from hub.problem_details import Refusal
from hub.queries import record_of
from hub.reading import Reading, visible
from hub.record_versions import record_history
from schemas.differences import steps
from schemas.fields import KIND_NAMES
from schemas.sentences import sentence
from schemas.shapes import record_fields
from schemas.whole import DIGITS
from ui.pages import Pages
from ui.routes import Routes

CONTACT: Final = "contact"
# The same address answers programs by a suffix.
SUFFIXES: Final = {
    ".json": "/api/v1/records/{kind}/{org}/{id}",
    ".atom": "/api/v1/records/{kind}/{org}/{id}/history.atom",
    ".feed.json": "/api/v1/records/{kind}/{org}/{id}/history.feed.json",
    ".vcf": "/api/v1/records/{kind}/{org}/{id}.vcf",
}


class Version(Asked):
    """Which version is asked for."""

    version: Annotated[int, Field(ge=0, le=2**53), DIGITS] | None = Field(None, description="Log index of the version.")


def router(hub: Reading, pages: Pages) -> Routes:
    """Give the page's address."""
    routes = Routes(include_in_schema=False)

    @routes.get("/records/{kind}/{org}/{id}")
    def record(request: Request, kind: str, org: str, id: str) -> Response:  # noqa: A002
        name, dot, suffix = id.partition(".")
        if dot:
            return _elsewhere(kind, org, name, dot + suffix)
        role = hub.role(request)
        asked, said = ask(request, Version)
        address = (kind, org, id)
        with hub.connect() as connection:
            found = record_of(connection, address, visible(role), hub.now().date()) if kind in KIND_NAMES else None
            if found is None:
                raise absent(kind, org, id)
            versions = _versions(hub, connection, address, role, PageOnly(limit=MAX_LIMIT))
            shown = found
            if asked.version is not None:
                only = _versions(hub, connection, address, role, PageOnly(after=asked.version - 1, limit=1))
                shown = _chosen(only, asked.version)
            witnessed = checkpoints.first_covering(connection, shown["index"] + 1)
        history = steps(kind, org, versions)
        return pages.render(
            request, "record.html", _status(found, said.status),
            found=found, shown=shown, old=asked.version is not None and shown["index"] != found["index"],
            fields=record_fields(kind, org, shown.get("record") or {}), history=list(reversed(history)),
            witnessed=witnessed, more=len(versions) == MAX_LIMIT, problems=said.problems,
            called=called(org, hub.registry()), report=_report(hub.network, found), as_of=hub.as_of(),
        )  # fmt: skip

    return routes


def _elsewhere(kind: str, org: str, name: str, suffix: str) -> Response:
    if kind not in KIND_NAMES or suffix not in SUFFIXES or (suffix == ".vcf" and kind != CONTACT):
        raise absent(kind, org, name + suffix)
    parts = {"kind": quote(kind), "org": quote(org, safe=""), "id": quote(name, safe="")}
    return RedirectResponse(SUFFIXES[suffix].format(**parts), HTTPStatus.TEMPORARY_REDIRECT)


def _versions(
    hub: Reading, connection: Connection, address: tuple[str, str, str], role: Role, page: PageOnly
) -> list[dict[str, Any]]:
    found = record_history(connection, address, visible(role), page, hub.registry())
    return [] if found is None else found.items


def _chosen(versions: list[dict[str, Any]], index: int) -> dict[str, Any]:
    found = next((each for each in versions if each["index"] == index), None)
    if found is None:
        detail = sentence("This record has no version at index {index}. Its versions are in its history.", index=index)
        raise Refusal(HTTPStatus.NOT_FOUND, "no-such-version", detail)
    return found


def _status(found: dict[str, Any], otherwise: int) -> int:
    return HTTPStatus.GONE if found["status"] == "erased" else otherwise


def _report(network: str, found: dict[str, Any]) -> str | None:
    """Write to the owner himself: whoever else corrected a record would speak in his name."""
    emails = found.get("record", {}).get("emails") if found["kind"] == CONTACT else None
    if not emails:
        return None
    first = min(emails, key=lambda each: each.get("pref", 101))["address"]
    subject = quote(f"{network}: {found['kind']}/{found['org']}/{found['id']}")
    return f"mailto:{quote(first, safe='@')}?subject={subject}"
