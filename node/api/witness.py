"""POST /add-checkpoint: the node as a witness for standard clients (C2SP tlog-witness), for this network's log only."""

import asyncio
import re
import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final

from fastapi import Request
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse, Response

from node.log_reader import Unreadable
from node.signed_checkpoint import NotCosigned
from node.witness import Witness
from node.witness_file import BadWitnessFile
from ui.routes import Routes
from wire.bus import BusError
from wire.merkle import HASH_SIZE, MAX_PROOF
from wire.notes import BadNote, from_b64

MAX_REQUEST = 128 * 1024  # bytes: the proof, and a checkpoint with some hundred signatures
MAX_WAITING = 8  # requests at once: each may have to read the log
BURST, PER_SECOND = 20, 5.0
SECONDS = 25.0  # for one request, reading included

_TEXT: Final = {"text/plain": {"schema": {"type": "string"}}}
_BODY: Final = {"requestBody": {"required": True, "content": _TEXT}}
_ANSWERS: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "A line of signature.", "content": _TEXT},
    409: {
        "description": "The size that was cosigned last.",
        "content": {"text/x.tlog.size": {"schema": {"type": "string"}}},
    },
}

_OLD = re.compile(rb"old (0|[1-9][0-9]{0,18})")


def witness_routes(witness: Callable[[], Witness | None], clock: Callable[[], float] = time.monotonic) -> Routes:
    """Give the route; `witness()` is None while the node is not in a network or its relay does not run."""
    routes = Routes(tags=["witness"])
    gate = Gate(clock)

    @routes.post(
        "/add-checkpoint", summary="Cosign a checkpoint that has grown from the one cosigned last",
        response_class=PlainTextResponse, openapi_extra=_BODY, responses=_ANSWERS,
    )  # fmt: skip
    async def add_checkpoint(request: Request) -> Response:
        body = await request.body()
        if len(body) > MAX_REQUEST:
            raise HTTPException(413, f"The request has {len(body)} bytes; at most {MAX_REQUEST} are read.")
        old, path, note = parse_request(body)
        found = witness()
        if found is None:
            raise HTTPException(503, "This node is not connected to a network now; try again later.")
        with gate:
            try:
                async with asyncio.timeout(SECONDS):
                    signature = await found.add_checkpoint(old, path, note)
            except NotCosigned as error:
                if error.status == HTTPStatus.CONFLICT:
                    return PlainTextResponse(f"{error.size}\n", error.status, media_type="text/x.tlog.size")
                raise HTTPException(error.status, f"{error}.") from None
            except TimeoutError:
                raise HTTPException(503, "The log is still being read here; try again later.") from None
            except (Unreadable, BusError, BadWitnessFile) as error:
                raise HTTPException(503, f"The log cannot be read here now: {error}.") from None
        return PlainTextResponse(signature.line)

    return routes


def parse_request(body: bytes) -> tuple[int, list[bytes], bytes]:
    """Give old size, proof and checkpoint of a request; HTTPException 400 for any other form."""
    head, blank, note = body.partition(b"\n\n")
    lines = head.split(b"\n", MAX_PROOF + 2)
    old = _OLD.fullmatch(lines[0])
    if not blank or old is None or not note:
        raise HTTPException(400, "A line old and a size, the proof, an empty line and a checkpoint were expected.")
    if len(lines) > MAX_PROOF + 1:
        raise HTTPException(400, f"The proof has more than {MAX_PROOF} lines.")
    try:
        path = [from_b64(line.decode("ascii")) for line in lines[1:]]
    except (BadNote, UnicodeDecodeError):
        raise HTTPException(400, "A line of the proof is not base64.") from None
    if any(len(each) != HASH_SIZE for each in path):
        raise HTTPException(400, f"A hash of the proof has not {HASH_SIZE} bytes.")
    return int(old[1]), path, note


class Gate:
    """Lets so many requests in at once, and so many in a second; 503 and 429 for the others. No log-in is needed."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._inside = 0
        self._allowed = float(BURST)
        self._at = clock()

    def __enter__(self) -> None:
        now = self._clock()
        self._allowed = min(self._allowed + (now - self._at) * PER_SECOND, BURST)
        self._at = now
        if self._allowed < 1:
            raise HTTPException(429, f"More than {PER_SECOND:g} requests a second; slow down.", {"Retry-After": "1"})
        if self._inside >= MAX_WAITING:
            raise HTTPException(503, "Too many requests wait here; try again later.", {"Retry-After": "5"})
        self._allowed -= 1
        self._inside += 1

    def __exit__(self, *_: object) -> None:
        self._inside -= 1
