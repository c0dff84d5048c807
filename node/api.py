"""The node's HTTP interface: records to read and change for whoever has a token; what this is, for anybody."""

from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from importlib.metadata import version as installed
from typing import Annotated, Any, Literal

import orjson
from fastapi import APIRouter, Depends, FastAPI, Query, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import Response

from node import forms
from node.api_guard import Guard
from node.api_metrics import metrics_routes
from node.api_trail import Trail
from node.api_witness import witness_routes
from node.audience import audience_of_entry, audience_of_record
from node.edit import Confirm, Done, Put, Withdraw
from node.inbox import letter_form
from node.node import Node
from node.pages import routes as pages_routes
from node.pages.desk import Desk, Visitor
from node.pages.frame import create_pages, problem_page, wants_page
from node.pages.log_in import FoundFirst, by_session
from node.problem_details import Wrong, answer_with_problems, problem_response, refused_with
from node.refusal import Refusal
from node.store.reading import CURRENT, LOCAL
from node.witness import Witness
from schemas.entry import InvalidEntry, parse_entry
from schemas.problems import Problem
from schemas.records import KINDS
from ui import serving
from ui.languages import LanguagePath
from ui.same_origin import REFUSED, SameOrigin

MAX_LIMIT = 500
SOFTWARE = "liaison-network"

Status = Literal["current", "local", "withdrawn", "erased"]


def create_api(
    node: Node,
    *,
    edited: Callable[[], None] = lambda: None,
    witness: Callable[[], Witness | None] = lambda: None,
    visitor: Callable[[Request], Visitor | None] | None = None,
) -> FastAPI:
    """Build the application; `edited` is called after each change that may be published.

    `witness` gives the witness of the running node, None while there is none; `visitor` who is logged in, by the
    session if it is not given.
    """
    desk = Desk(node, edited, visitor or by_session(node))
    pages = create_pages(desk)

    def as_page(request: Request, wrong: Wrong) -> Response | None:
        return problem_page(pages, request, wrong) if wants_page(request) else None

    def from_elsewhere(request: Request) -> Response:
        wrong = refused_with(Refusal("from-elsewhere", REFUSED))
        return as_page(request, wrong) or problem_response(*wrong)

    app = FastAPI(
        title="Liaison node",
        summary="One organization's records, and how far each has come on its way to the network.",
        version="1",
        docs_url=None,  # their pages load scripts from other hosts
        redoc_url=None,
        openapi_url="/openapi.json",
    )
    answer_with_problems(app, as_page)
    app.include_router(_open(node))
    app.include_router(witness_routes(witness))
    app.include_router(metrics_routes(node))
    for routes in (_questions(node), _changes(node, edited)):
        app.include_router(routes, prefix="/api/v1", dependencies=[Depends(_token_check(node))])
    app.include_router(serving.router())
    app.include_router(pages_routes.router(desk, pages))
    app.add_middleware(FoundFirst, visitor=desk.visitor)
    app.add_middleware(Trail, acts=node.acts)
    app.add_middleware(SameOrigin, refuse=from_elsewhere)
    app.add_middleware(LanguagePath)
    app.add_middleware(Guard)
    return app


def _token_check(node: Node) -> Callable[..., str]:
    bearer = HTTPBearer(auto_error=False, description="A token made by: liaison-node token DIR NAME")

    def check(request: Request, given: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]) -> str:
        holder = None if given is None else node.access.holder(given.credentials)
        if holder is None:
            raise HTTPException(
                HTTPStatus.UNAUTHORIZED,
                "A valid token is needed: Authorization: Bearer TOKEN. Make one with liaison-node token DIR NAME.",
                {"WWW-Authenticate": "Bearer"},
            )
        request.state.holder = holder
        return holder

    return check


def _open(node: Node) -> APIRouter:
    routes = APIRouter(tags=["public"])

    @routes.get("/livez", summary="Whether the process answers")
    async def alive() -> Response:
        return _json({"status": "pass"})

    @routes.get("/readyz", summary="Whether the node can answer and take changes; the bus may be away")
    def ready() -> Response:
        try:
            node.reading.chain()
        except SQLAlchemyError:
            return problem_response(HTTPStatus.SERVICE_UNAVAILABLE, "The database cannot be read.", "not-ready")
        return _json({"status": "pass", "checks": {"database": "pass"}})

    @routes.get("/version", summary="Software and version")
    async def version() -> Response:
        return _json({"software": SOFTWARE, "version": installed(SOFTWARE)})

    return routes


def _questions(node: Node) -> APIRouter:
    routes = APIRouter(tags=["records"])
    organization = node.settings.organization

    @routes.get("/records", summary="Records in the order in which they first came")
    def listed(
        request: Request,
        kind: Annotated[list[str] | None, Query()] = None,
        status: Annotated[list[Status] | None, Query()] = None,
        limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = 100,
        after: Annotated[int, Query(ge=0)] = 0,
    ) -> Response:
        _known_parameters(request, ("kind", "status", "limit", "after"))
        unknown = [each for each in kind or [] if each not in KINDS]
        if unknown:
            raise HTTPException(400, f"kind {unknown[0]!r} is none; the kinds are {', '.join(KINDS)}")
        page = node.reading.page(kind or (), status or (CURRENT, LOCAL), after, limit)
        items = [forms.record_form(each, organization) for each in page.items]
        return _json({"items": items, "next": page.next, "as_of": forms.now_text()})

    @routes.get("/records/{kind}/{record_id}", summary="One record, withdrawn, erased or not")
    def one(kind: str, record_id: str) -> Response:
        return _json(_found(node, kind, record_id))

    @routes.get("/records/{kind}/{record_id}/audience", summary="Who can read a record")
    def readers(kind: str, record_id: str) -> Response:
        return _json(audience_of_record(node, kind, record_id).form())

    @routes.post("/audience", summary="Who would be able to read a record that is not put yet; nothing is saved")
    async def readers_before(request: Request) -> Response:
        entry = parse_entry(await _document(request))
        return _json((await run_in_threadpool(audience_of_entry, node, entry)).form())

    @routes.get("/inbox", summary="What other organizations have written to this one, in the order of the log")
    def inbox(
        request: Request,
        older: Annotated[bool, Query()] = False,
        limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = 100,
        after: int | None = None,
    ) -> Response:
        _known_parameters(request, ("older", "limit", "after"))
        found = node.letters.all(older=older, after=after, limit=limit + 1)
        following = found[limit - 1].index if len(found) > limit else None
        items = [letter_form(each) for each in found[:limit]]
        return _json({"items": items, "next": following, "as_of": forms.now_text()})

    @routes.get("/erasures", summary="Orders to erase, and who has obeyed as far as the hub has told")
    def erasures() -> Response:
        return _json({"items": [forms.erasure_form(each) for each in node.orders.listed()], "as_of": forms.now_text()})

    @routes.get("/status", summary="How far everything has come")
    def status() -> Response:
        return _json(forms.status_form(node.reading, node.outbox.relay(), node.log, node.orders.listed(), served=True))

    return routes


def _changes(node: Node, edited: Callable[[], None]) -> APIRouter:
    routes = APIRouter(tags=["records"])

    async def change(work: Callable[[], list[Done]], status: HTTPStatus) -> Response:
        done = (await run_in_threadpool(work))[0]
        edited()
        answer = {**done._asdict(), "record": None}
        if done.outcome != "dropped":
            answer["record"] = await run_in_threadpool(_found, node, done.kind, done.id)
        return _json(answer, status)

    @routes.post("/records", status_code=201, summary="Put a record; without an id it gets one")
    async def post(request: Request) -> Response:
        entry = parse_entry(await _document(request))
        return await change(partial(node.editor.apply, [Put(entry)]), HTTPStatus.CREATED)

    @routes.put("/records/{kind}/{record_id}", summary="Publish or revise a record at this address")
    async def put(request: Request, kind: str, record_id: str) -> Response:
        document = await _document(request)
        for name, expected in (("kind", kind), ("id", record_id)):
            if document.setdefault(name, expected) != expected:
                raise InvalidEntry([_other(name, document[name], expected)])
        return await change(partial(node.editor.apply, [Put(parse_entry(document))]), HTTPStatus.OK)

    @routes.post("/records/{kind}/{record_id}/confirm", summary="Say that a record is still true")
    async def confirm(kind: str, record_id: str) -> Response:
        return await change(partial(node.editor.apply, [Confirm(kind, record_id)]), HTTPStatus.OK)

    @routes.delete("/records/{kind}/{record_id}", summary="Withdraw a record; its history stays")
    async def withdraw(kind: str, record_id: str, reason: str = "") -> Response:
        return await change(partial(node.editor.apply, [Withdraw(kind, record_id, reason)]), HTTPStatus.OK)

    return routes


async def _document(request: Request) -> dict[str, Any]:
    try:
        document = orjson.loads(await request.body())
    except orjson.JSONDecodeError as error:
        raise HTTPException(400, f"The body is not JSON: {error}.") from None
    if not isinstance(document, dict):
        raise HTTPException(400, "The body must be one JSON object: a record with its kind and marking.")
    return document


def _found(node: Node, kind: str, record_id: str) -> dict[str, Any]:
    stood = node.reading.record(kind, record_id)
    if stood is None:
        raise Refusal("not-found", f"{kind[:40]}/{record_id[:80]} is not a record of this node")
    return forms.record_form(stood, node.settings.organization)


def _known_parameters(request: Request, known: tuple[str, ...]) -> None:
    unknown = sorted(set(request.query_params) - set(known))
    if unknown:
        raise HTTPException(400, f"{unknown[0][:80]!r} is no parameter here; there are {', '.join(known)}")


def _other(name: str, found: Any, expected: str) -> Problem:
    message = f'"{name}" is {str(found)[:80]!r}, but the address says {expected!r}; leave it out or make them equal.'
    return Problem(f"/{name}", message, str(found)[:80], expected)


def _json(document: Any, status: HTTPStatus = HTTPStatus.OK) -> Response:
    return Response(orjson.dumps(document), status, media_type="application/json")
