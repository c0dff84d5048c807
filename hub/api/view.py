"""The view's digest over HTTP, for anybody: it is made of addresses and hashes, which public statements hold anyway."""

import threading
import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Annotated, Any, Final

import orjson
from fastapi import Query, Request
from sqlalchemy import Engine
from starlette.responses import Response

from hub.filters import Asked
from hub.problem_details import Refusal
from hub.reading import Reading
from hub.view_digest import Bucket, Digests, ViewState, log_root, snapshot
from ui.routes import Routes
from wire.encoding import b64url
from wire.view_digest import BUCKETS

# The same for everybody, so caches between may keep it, but it is soon out of date.
_SHARED: Final = {"Cache-Control": "public, max-age=1"}
# Under load, hashing for those who ask takes at most a tenth of a core: what took long is answered for ten times as
# long, at the size that it says. To read a bucket costs as much as 20 lines more; a line costs 1.2 µs.
_BUCKET_IN_LINES: Final = 20
_SMALL: Final = 20_000
_REST_SECONDS_PER_LINE: Final = 12e-6


class ServedView:
    """The digest as the API's threads share it: one of them hashes what has changed, the others wait for its result."""

    def __init__(self, engine: Engine, as_of: Callable[[], str], clock: Callable[[], float] = time.monotonic) -> None:
        self._engine = engine
        self._as_of = as_of
        self._clock = clock
        self._rests_until = clock()
        self._lock = threading.Lock()
        self._digests = Digests()
        self._answer: tuple[int, str, bytes] | None = None

    def state(self, size: int) -> tuple[str, bytes]:
        """Give entity tag and answer of the whole digest; `size` is the log's, the answer's may be a little smaller."""
        with self._lock:
            if self._answer is None or (self._answer[0] < size and self._clock() >= self._rests_until):
                cold = self._answer is None
                with snapshot(self._engine) as connection:
                    state = self._digests.state(connection)
                    root = log_root(connection, state.size)
                cost = state.lines + _BUCKET_IN_LINES * state.buckets
                if cost > _SMALL and not cold:
                    self._rests_until = self._clock() + cost * _REST_SECONDS_PER_LINE
                self._answer = (state.size, f'W/"{state.size}-{b64url(state.state)}"', self._document(state, root))
            return self._answer[1:]

    def bucket(self, number: int) -> tuple[Bucket, str]:
        """Give one bucket as it is now, with the time."""
        with self._lock, snapshot(self._engine) as connection:
            return self._digests.bucket(connection, number), self._as_of()

    def _document(self, state: ViewState, root: bytes) -> bytes:
        return orjson.dumps(
            {
                "size": state.size,
                "root": b64url(root),
                "rows": state.rows,
                "state": b64url(state.state),
                "buckets": [b64url(digest) for digest in state.digests],
                "as_of": self._as_of(),
            }
        )


def router(hub: Reading) -> Routes:
    """Give these addresses."""
    routes = Routes(prefix="/api/v1/view", tags=["view"])
    view = ServedView(hub.engine, hub.as_of)

    @routes.get("/state", summary="Digest of the whole view: log size, root, state and the digests of its buckets")
    def state(request: Request, _asked: Annotated[Asked, Query()]) -> Response:
        tag, document = view.state(hub.tail.size)
        headers = {**_SHARED, "ETag": tag}
        if tag in {each.strip() for each in request.headers.get("if-none-match", "").split(",")}:
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
        return Response(document, headers=headers, media_type="application/json")

    @routes.get("/buckets/{number}", summary="One bucket of the view: address and statement hash of its records")
    def bucket(number: str, _asked: Annotated[Asked, Query()]) -> Response:
        found, as_of = view.bucket(_bucket(number))
        document: dict[str, Any] = {
            "bucket": int(number),
            "size": found.size,
            "digest": b64url(found.digest),
            "lines": [(address, b64url(statement)) for address, statement in found.lines],
            "as_of": as_of,
        }
        return Response(orjson.dumps(document), headers=_SHARED, media_type="application/json")

    return routes


def _bucket(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or len(text) > 4 or str(int(text)) != text or int(text) >= BUCKETS:
        detail = f"There is no bucket {text[:20]}; there are 0 to {BUCKETS - 1}, written without leading zeros."
        raise Refusal(HTTPStatus.NOT_FOUND, "no-such-bucket", detail)
    return int(text)
