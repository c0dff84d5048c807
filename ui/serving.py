"""Serves the assets of the pages: kept for ever by browsers under an address that changes when a file does."""

from http import HTTPStatus

from fastapi import APIRouter
from starlette.responses import FileResponse, PlainTextResponse, Response

from ui import assets

_KEPT = "public, max-age=31536000, immutable"
_ASKED_AGAIN = "public, max-age=60"


def router() -> APIRouter:
    """Give the address of the assets."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/static/{release}/{name}")
    def static(release: str, name: str) -> Response:
        path = assets.find(name)
        if path is None:
            return PlainTextResponse("There is no such file.\n", HTTPStatus.NOT_FOUND)
        kept = _KEPT if release == assets.release() else _ASKED_AGAIN
        return FileResponse(path, media_type=assets.TYPES[path.suffix], headers={"Cache-Control": kept})

    return routes
