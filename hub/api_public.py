"""What is open to anybody and to machines that watch: first page, trust, schemas, health and version."""

from html import escape
from http import HTTPStatus
from importlib.metadata import version as installed
from typing import Final

import orjson
from fastapi import APIRouter, Request
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import HTMLResponse, Response

from hub import tables
from hub.exports.asyncapi import asyncapi
from hub.problem_details import Refusal
from hub.reading import Reading, as_json
from schemas.json_schema import schema_for
from schemas.records import KINDS

SOFTWARE: Final = "liaison-network"
_LINKS: Final = (
    ("/api/v1/records?limit=20", "records", "what is published now"),
    ("/api/v1/matrix", "matrix", "needs and assistance by State and theme"),
    ("/api/v1/events", "events", "everything as it is logged, live (text/event-stream)"),
    ("/api/v1/nodes", "nodes", "the organizations and how their nodes are seen"),
    ("/api/v1/stats", "stats", "counts"),
    ("/trust.json", "trust.json", "with what this network began: its root keys and its log's key"),
    ("/openapi.json", "openapi.json", "all addresses of this interface"),
)


def router(hub: Reading) -> APIRouter:
    """Give these addresses."""
    routes = APIRouter(tags=["public"])

    @routes.get("/", response_class=HTMLResponse, include_in_schema=False)
    def first_page() -> HTMLResponse:
        return HTMLResponse(_page(hub.network))

    @routes.get("/trust.json", summary="What a verifier starts from")
    def trust() -> Response:
        return Response(hub.trust_json, media_type="application/json")

    @routes.get("/asyncapi.json", summary="How logged events are told, as AsyncAPI 3.0")
    def told(request: Request) -> Response:
        document = asyncapi(hub.network, request.url.netloc, request.url.scheme)
        return Response(orjson.dumps(document), media_type="application/json")

    @routes.get("/schemas/{kind}/{version}", summary="JSON Schema of a kind of record")
    def schema(kind: str, version: str) -> Response:
        if kind not in KINDS or version != "1":
            detail = f"There is no schema {kind[:60]}/{version[:20]}; there are {', '.join(f'{k}/1' for k in KINDS)}."
            raise Refusal(HTTPStatus.NOT_FOUND, "no-such-schema", detail)
        return Response(orjson.dumps(schema_for(kind, hub.network)), media_type="application/schema+json")

    @routes.get("/livez", summary="Whether the process answers")
    async def alive() -> Response:
        return as_json({"status": "pass"})

    @routes.get("/readyz", summary="Whether the hub can answer questions")
    def ready() -> Response:
        try:
            with hub.connect() as connection:
                connection.execute(select(tables.log.c.index).limit(1)).all()
        except SQLAlchemyError:
            detail = "The database cannot be read."
            raise Refusal(HTTPStatus.SERVICE_UNAVAILABLE, "not-ready", detail, checks={"database": "fail"}) from None
        return as_json({"status": "pass", "checks": {"database": "pass"}, "log_size": hub.tail.size})

    @routes.get("/version", summary="Software and version")
    def version() -> Response:
        return as_json({"software": SOFTWARE, "version": installed(SOFTWARE)})

    return routes


def _page(network: str) -> str:
    links = "\n".join(f'<li><a href="{href}">{name}</a>: {escape(what)}</li>' for href, name, what in _LINKS)
    schemas = " · ".join(f'<a href="/schemas/{kind}/1">{kind}</a>' for kind in KINDS)
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(network)}: Liaison hub</title>
</head>
<body>
<main>
<h1>{escape(network)}</h1>
<p>This is the hub of an information network. Organizations publish here what they themselves say about their contact
points, needs, offers, activities and assessments; each statement is signed by the organization that made it, and stands
in one log that only grows. Nothing here is the hub's own opinion.</p>
<ul>
{links}
</ul>
<p>Forms of the records: {schemas}</p>
</main>
</body>
</html>
"""
