"""The auditors' pages of who is believed: checkpoints and their witnesses, keys and their history."""

from http import HTTPStatus
from typing import Any, Final

from fastapi import Request
from starlette.responses import Response

from hub import checkpoints
from hub.problem_details import Refusal
from hub.reading import Reading
from schemas.sentences import gettext_noop as N_
from ui.pages import Pages
from ui.routes import Routes

SHOWN: Final = 50


def router(hub: Reading, pages: Pages) -> Routes:
    """Give the pages' addresses."""
    routes = Routes(include_in_schema=False)

    @routes.get("/audit/checkpoints")
    def kept(request: Request) -> Response:
        before = request.query_params.get("before", "")
        upto = int(before) if before.isascii() and before.isdigit() and len(before) <= 15 else None
        with hub.connect() as connection:
            found = checkpoints.newest_first(connection, upto, SHOWN + 1)
        items = [{"signed": each, "cosigners": checkpoints.cosigners(each.note)} for each in found[:SHOWN]]
        following = found[SHOWN - 1].size if len(found) > SHOWN else None
        return pages.render(
            request, "checkpoints.html", items=items, before=following, witnesses=witnesses(hub), as_of=hub.as_of()
        )

    @routes.get("/audit/keys")
    def organizations(request: Request) -> Response:
        members = sorted(hub.registry().members.values(), key=lambda each: each.organization)
        return pages.render(request, "keys.html", members=members, roots=hub.registry().roots, as_of=hub.as_of())

    @routes.get("/audit/keys/{org}")
    def keys(request: Request, org: str) -> Response:
        member = hub.registry().members.get(org)
        if member is None:
            raise Refusal(HTTPStatus.NOT_FOUND, "not-there", N_("No organization of this id is in the network."))
        return pages.render(request, "key_history.html", member=member, size=hub.tail.size, as_of=hub.as_of())

    return routes


def witnesses(hub: Reading) -> dict[str, Any]:
    """Give who may cosign, and how many must."""
    found = hub.registry().witnesses(hub.network)
    return {"names": sorted(found.keys), "quorum": found.quorum}
