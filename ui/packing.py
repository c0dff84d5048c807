"""Text is sent packed to whoever can unpack it: on a slow line it is there in a fifth of the time."""

import gzip
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

_LEAST: Final = 1024  # bytes: fewer fit into one packet anyway
_LEVEL: Final = 6  # more takes much longer, for a hundredth


def unpacks(request: Request) -> bool:
    """Tell whether the reader can unpack."""
    return "gzip" in request.headers.get("accept-encoding", "")


def pack(text: bytes, level: int = _LEVEL) -> bytes:
    """Pack a text: from level 1, quick, to 9, small."""
    return gzip.compress(text, level, mtime=0)


def packed(request: Request, answer: Response) -> Response:
    """Pack an answer for a reader who is nobody in particular.

    Not for somebody who is logged in: how well a page packs would tell who sees only its length whether a word stands
    in it, if he could make that reader's browser ask for the page with words of his own.
    """
    known = "cookie" in request.headers or "authorization" in request.headers
    if not known and len(answer.body) >= _LEAST and unpacks(request):
        answer.body = pack(bytes(answer.body))
        answer.headers["Content-Encoding"] = "gzip"
        answer.headers["Content-Length"] = str(len(answer.body))
    return answer
