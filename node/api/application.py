"""The node's HTTP interface: records to read and change for whoever has a token; what this is, for anybody."""

from collections.abc import Callable
from http import HTTPStatus
from importlib.metadata import version as installed

from fastapi import FastAPI, Request
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import Response

from node.api.answers import json_answer
from node.api.bulk import bulk_routes
from node.api.changes import change_routes
from node.api.description import describe
from node.api.doctor import doctor_routes
from node.api.drafts import draft_routes
from node.api.guard import Guard
from node.api.imports import import_routes
from node.api.keys import key_routes
from node.api.mappings import mapping_routes
from node.api.metrics import metrics_routes
from node.api.operations import operation_routes
from node.api.people import people_routes
from node.api.record_acts import record_act_routes
from node.api.records import record_routes
from node.api.search import search_routes
from node.api.tokens import token_routes
from node.api.trail import Trail
from node.api.witness import witness_routes
from node.node import Node
from node.pages import routes as pages_routes
from node.pages.desk import Desk, Visitor
from node.pages.frame import create_pages, problem_page, wants_page
from node.pages.log_in import FoundFirst, by_session
from node.problem_details import Wrong, answer_with_problems, problem_response, refused_with
from node.refusal import Refusal
from node.witness import Witness
from ui import serving
from ui.head import Head
from ui.languages import LanguagePath
from ui.routes import Routes, put
from ui.same_origin import REFUSED, SameOrigin

SOFTWARE = "liaison-network"


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
    put(_open(node), app)
    put(witness_routes(witness), app)
    put(metrics_routes(node), app)
    for routes in (
        record_routes(node), change_routes(node, edited), doctor_routes(node, edited), draft_routes(desk),
        people_routes(desk), token_routes(desk), key_routes(desk), import_routes(desk), mapping_routes(desk),
        bulk_routes(desk), search_routes(desk, pages), operation_routes(desk), record_act_routes(desk),
    ):  # fmt: skip
        put(routes, app)
    put(serving.router(), app)
    put(pages_routes.router(desk, pages), app)
    app.add_middleware(FoundFirst, visitor=desk.visitor)
    app.add_middleware(Trail, acts=node.acts)
    describe(app)
    app.add_middleware(SameOrigin, refuse=from_elsewhere)
    app.add_middleware(LanguagePath)
    app.add_middleware(Guard, as_page=as_page)
    app.add_middleware(Head)
    return app


def _open(node: Node) -> Routes:
    routes = Routes(tags=["public"])

    @routes.get("/livez", summary="Whether the process answers")
    async def alive() -> Response:
        return json_answer({"status": "pass"})

    @routes.get("/readyz", summary="Whether the node can answer and take changes; the bus may be away")
    def ready() -> Response:
        try:
            node.reading.chain()
        except SQLAlchemyError:
            return problem_response(HTTPStatus.SERVICE_UNAVAILABLE, "The database cannot be read.", "not-ready")
        return json_answer({"status": "pass", "checks": {"database": "pass"}})

    @routes.get("/version", summary="Software and version")
    async def version() -> Response:
        return json_answer({"software": SOFTWARE, "version": installed(SOFTWARE)})

    return routes
