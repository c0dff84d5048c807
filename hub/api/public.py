"""What is open to anybody and to machines that watch: trust, schemas, health and version."""

from http import HTTPStatus
from importlib.metadata import version as installed
from typing import Any, Final

import orjson
from fastapi import Request
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import Response

from hub import tables
from hub.exports.asyncapi import asyncapi
from hub.outside import place_of
from hub.problem_details import Refusal
from hub.reading import Reading, as_json
from schemas.json_schema import schema_for
from schemas.records import KINDS
from ui.routes import Routes

SOFTWARE: Final = "liaison-network"


def router(hub: Reading) -> Routes:
    """Give these addresses."""
    routes = Routes(tags=["public"])

    @routes.get("/trust.json", summary="What a verifier starts from")
    def trust() -> Response:
        return Response(hub.trust_json, media_type="application/json")

    @routes.get("/asyncapi.json", summary="How logged events are told, as AsyncAPI 3.0")
    def told(request: Request) -> Response:
        url = place_of(request, hub.address).url
        document = asyncapi(hub.network, url.netloc, url.scheme)
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
        return as_json(_ready(hub))

    @routes.get("/version", summary="Software and version")
    def version() -> Response:
        return as_json({"software": SOFTWARE, "version": installed(SOFTWARE)})

    return routes


def _ready(hub: Reading) -> dict[str, Any]:
    document: dict[str, Any] = {"status": "pass", "checks": {"database": "pass"}, "log_size": hub.tail.size}
    if hub.following is not None:
        # What was verified is served whatever becomes of the hub that is followed: a warning, not a failure.
        found = hub.following()
        word = {"following": "pass", "refused": "fail"}.get(found["state"], "warn")
        document["checks"]["following"] = word
        document |= {"status": "pass" if word == "pass" else "warn", "following": found}
    return document
