"""The log over HTTP as C2SP tlog-tiles has it: checkpoints, tiles of the Merkle tree, and bundles of entries."""

from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import Query, Request
from starlette.responses import Response

from hub import checkpoints
from hub.checkpoints import Signed
from hub.filters import PageOnly
from hub.log_checks import LogDamaged, check_bundle
from hub.problem_details import Refusal
from hub.queries import Listed
from hub.reading import Reading
from hub.tree import read_tile
from ui.packing import pack, unpacks
from ui.routes import Routes
from wire.encoding import b64url
from wire.tiles import MAX_LEVEL, WIDTH, BadTile, Tile, bundle, parse_tile_path, width_in

_FOREVER: Final = {"Cache-Control": "public, max-age=31536000, immutable"}
_NOW: Final = {"Cache-Control": "no-cache"}
_NOTE: Final = "text/plain; charset=utf-8"
_BYTES: Final = "application/octet-stream"


def router(hub: Reading) -> Routes:
    """Give these addresses."""
    routes = Routes(prefix="/log", tags=["log"])

    @routes.get("/checkpoint", summary="Newest checkpoint with a quorum of witnesses (signed note)")
    def newest() -> Response:
        with hub.connect() as connection:
            found = checkpoints.newest(connection, quorum=True)
        return _note(found, "There is no checkpoint with a quorum yet: witnesses are still to cosign the first.")

    @routes.get("/checkpoints", summary="Checkpoints with a quorum, smallest first")
    def kept(request: Request, page: Annotated[PageOnly, Query()]) -> Response:
        with hub.connect() as connection:
            found = checkpoints.listed(connection, page.after if page.after is not None else -1, page.limit + 1)
        items = [_item(each) for each in found[: page.limit]]
        return hub.listed(request, Listed(items, items[-1]["size"] if len(found) > page.limit else None))

    @routes.get("/checkpoints/{size}", summary="The checkpoint of exactly this size")
    def of_size(size: str) -> Response:
        with hub.connect() as connection:
            found = checkpoints.of_size(connection, _number(size, "size"))
        return _note(found, f"No checkpoint of {size[:20]} entries was kept; /log/checkpoints lists those that were.")

    @routes.get("/tile/entries/{path:path}", summary="A bundle of entries: `<N>[.p/<W>]`")
    def entries(request: Request, path: str) -> Response:
        tile = _tile(0, path, hub.tail.size)
        try:
            with hub.connect() as connection:
                tokens = check_bundle(connection, tile.number, tile.number * WIDTH + tile.width)
        except LogDamaged as error:
            if hub.damaged is not None:
                hub.damaged(error)
            detail = "The hub's log is damaged; the hub stops until its operator has restored it."
            raise Refusal(HTTPStatus.INTERNAL_SERVER_ERROR, "log-damaged", detail) from None
        return _compressed(request, bundle(tokens))

    @routes.get("/tile/{level}/{path:path}", summary="A tile of the Merkle tree: level, `<N>[.p/<W>]`")
    def hashes(level: str, path: str) -> Response:
        tile = _tile(_number(level, "level"), path, hub.tail.size)
        with hub.connect() as connection:
            return Response(read_tile(connection, tile), headers=_FOREVER, media_type=_BYTES)

    return routes


def _tile(level: int, path: str, size: int) -> Tile:
    if level > MAX_LEVEL:
        raise Refusal(HTTPStatus.BAD_REQUEST, "no-such-tile", f"A level is at most {MAX_LEVEL}; {level} was asked for.")
    try:
        number, width = parse_tile_path(path)
    except BadTile as error:
        raise Refusal(HTTPStatus.BAD_REQUEST, "no-such-tile", f"{error}.") from None
    there = width_in(level, number, size)
    if width > there:
        detail = f"A log of {size} entries has {there} hashes in tile {level}/{number}; {width} were asked for."
        raise Refusal(HTTPStatus.NOT_FOUND, "no-such-tile", detail)
    return Tile(level, number, width)


def _number(text: str, name: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 15 or str(int(text)) != text:
        detail = f"The {name} is a whole number without leading zeros; {text[:40]!r} was found."
        raise Refusal(HTTPStatus.BAD_REQUEST, "invalid-parameters", detail)
    return int(text)


def _note(found: Signed | None, absent: str) -> Response:
    if found is None:
        raise Refusal(HTTPStatus.NOT_FOUND, "no-such-checkpoint", absent)
    return Response(found.note, headers=_NOW, media_type=_NOTE)


def _item(signed: Signed) -> dict[str, Any]:
    by = checkpoints.cosigners(signed.note)
    root = b64url(signed.root)
    return {"size": signed.size, "root": root, "cosigners": by, "quorum": signed.quorum, "at": signed.at}


def _compressed(request: Request, data: bytes) -> Response:
    headers = {**_FOREVER, "Vary": "Accept-Encoding"}
    if unpacks(request):
        data, headers["Content-Encoding"] = pack(data, level=1), "gzip"
    return Response(data, headers=headers, media_type=_BYTES)
