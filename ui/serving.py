"""Serves the assets of the pages: kept for ever by browsers under an address that changes when a file does."""

from functools import lru_cache
from http import HTTPStatus
from pathlib import Path
from typing import Final

from fastapi import Request
from starlette.responses import FileResponse, PlainTextResponse, Response

from ui import assets
from ui.packing import pack, unpacks
from ui.routes import Routes

_KEPT = "public, max-age=31536000, immutable"
_ASKED_AGAIN = "public, max-age=60"
_TEXT: Final = (".css", ".js", ".svg", ".txt")  # fonts are packed by themselves


def router() -> Routes:
    """Give the address of the assets."""
    routes = Routes(include_in_schema=False)

    @routes.get("/static/{release}/{name}")
    def static(request: Request, release: str, name: str) -> Response:
        path = assets.find(name)
        if path is None:
            return PlainTextResponse("There is no such file.\n", HTTPStatus.NOT_FOUND)
        kept = _KEPT if release == assets.release() else _ASKED_AGAIN
        headers, media_type = {"Cache-Control": kept, "Vary": "Accept-Encoding"}, assets.TYPES[path.suffix]
        if path.suffix in _TEXT and unpacks(request):
            content = _packed(path, path.stat().st_mtime_ns)
            return Response(content, headers={**headers, "Content-Encoding": "gzip"}, media_type=media_type)
        return FileResponse(path, media_type=media_type, headers=headers)

    return routes


@lru_cache(maxsize=64)  # there are fewer
def _packed(path: Path, _changed: int) -> bytes:
    return pack(path.read_bytes())
