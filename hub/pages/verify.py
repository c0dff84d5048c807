"""The page on which anybody verifies one event: drop its evidence, paste its token, or look it up."""

from http import HTTPStatus
from typing import Any

from fastapi import Request
from starlette.datastructures import UploadFile
from starlette.responses import Response

from hub.access import Role
from hub.evidence import evidence_of
from hub.log_proofs import NotCovered
from hub.log_queries import Entry
from hub.pages.finding import find_entry
from hub.problem_details import Refusal
from hub.reading import Reading, visible
from ui.languages import gettext_noop as N_
from ui.pages import Pages
from ui.routes import Routes
from wire.evidence import BadEvidence, parse_evidence
from wire.evidence_checks import verify_evidence
from wire.evidence_verdict import Verdict
from wire.evidence_words import PROVES
from wire.trust import parse_trust

MAX_UPLOAD = 8_000_000  # bytes; the command reads more
# What each check asks, in the order in which the verifier makes them.
CHECKS = {
    "form": N_("Is it evidence, whole and with nothing added?"),
    "statement": N_("Is the signed statement well formed?"),
    "network": N_("Was it said in this network?"),
    "checkpoint": N_("Did the log sign the state that it is proved against?"),
    "inclusion": N_("Is the statement in the log?"),
    "registry": N_("Do the keys follow from the network's roots?"),
    "registry complete": N_("Did the roots decide nothing more until then?"),
    "key": N_("Was the key valid at that place of the log?"),
    "signature": N_("Does the signature hold?"),
    "revocation": N_("Was the key not revoked?"),
    "quorum": N_("Did enough witnesses see the same log?"),
    "body hash": N_("Is the text the one that was signed?"),
    "body form": N_("Is the text valid for its kind?"),
    "time": N_("Can the time that the author claims be true?"),
    "chain": N_("Does it follow its author's statement before?"),
    "completeness": N_("Is it its author's last word?"),
}
TOO_LARGE = N_("The file is too large for this page: verify it with the command liaison verify.")
NO_FILE = N_("Choose a file, paste a token, or write what you look for.")
WAIT = N_("No checkpoint covers this entry yet: ask again in a minute.")


def router(hub: Reading, pages: Pages) -> Routes:
    """Give the page's address."""
    routes = Routes(include_in_schema=False)

    @routes.get("/verify")
    def look_up(request: Request) -> Response:
        query = request.query_params
        wanted = query.get("q", "")
        if not wanted and query.get("org") and query.get("sequence"):
            wanted = f"{query['org']}/{query['sequence']}"
        if not wanted:
            return _page(hub, pages, request, wanted)
        return _looked_up(hub, pages, request, wanted)

    @routes.post("/verify")
    async def verify(request: Request) -> Response:
        length = request.headers.get("content-length", "")
        if not length.isdigit() or int(length) > MAX_UPLOAD:
            return _page(hub, pages, request, "", TOO_LARGE, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        async with request.form(max_files=1, max_fields=2, max_part_size=MAX_UPLOAD) as form:
            given, text = form.get("file"), form.get("q")
            data = await given.read() if isinstance(given, UploadFile) else b""
        if data:
            return _verified(hub, pages, request, data)
        if isinstance(text, str) and text.strip():
            return _looked_up(hub, pages, request, text)
        return _page(hub, pages, request, "", NO_FILE, HTTPStatus.UNPROCESSABLE_ENTITY)

    return routes


def _looked_up(hub: Reading, pages: Pages, request: Request, wanted: str) -> Response:
    role = hub.role(request)
    with hub.connect() as connection:
        entry, problem = find_entry(connection, wanted, visible(role))
        if entry is None:
            return _page(hub, pages, request, wanted, problem, HTTPStatus.NOT_FOUND)
        try:
            data = evidence_of(
                connection, hub.registry(), entry.organization, entry.sequence, visible(role),
                whole=role is Role.OPERATOR,
            )  # fmt: skip
        except NotCovered:
            return _page(hub, pages, request, wanted, WAIT, HTTPStatus.NOT_FOUND)
    if data is None:
        raise Refusal(HTTPStatus.NOT_FOUND, "not-there", N_("The log has no such statement."))
    return _page(hub, pages, request, wanted, entry=entry, verdict=verify_evidence(data, parse_trust(hub.trust_json)))


def _verified(hub: Reading, pages: Pages, request: Request, data: bytes) -> Response:
    verdict = verify_evidence(data, parse_trust(hub.trust_json))
    try:
        token = parse_evidence(data).token
        with hub.connect() as connection:
            entry = find_entry(connection, token.decode(), ()).entry
    except (BadEvidence, UnicodeDecodeError):
        entry = None
    return _page(hub, pages, request, "", entry=entry, verdict=verdict)


def _page(
    hub: Reading, pages: Pages, request: Request, wanted: str, problem: str = "", status: int = HTTPStatus.OK,
    *, entry: Entry | None = None, verdict: Verdict | None = None,
) -> Response:  # fmt: skip
    problems: list[dict[str, Any]] = [{"field": "q", "message": pages.gettext(request, problem)}] if problem else []
    return pages.render(
        request, "verify.html", status,
        wanted=wanted[:200], problems=problems, entry=entry, verdict=verdict, checks=CHECKS, proves=PROVES,
        as_of=hub.as_of(),
    )  # fmt: skip
