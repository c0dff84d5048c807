"""Where a stream begins: after what its reader had last, or with a snapshot; or not at all, with a reset that says why.

A cursor is never moved silently. What is not a cursor at all is refused before the stream; a cursor that cannot be
served is answered in the stream, by one `reset` and the end of it, because that is all a browser's EventSource hears.
"""

import re
from http import HTTPStatus
from typing import Any, Final, NamedTuple

import orjson
from starlette.datastructures import URL
from starlette.requests import Request

from hub.filters import Live
from hub.problem_details import Refusal

# Log entries that a stream goes back; what lies before is in the snapshot, in the lists, and in the log itself.
REPLAY: Final = 1_000_000
RETRY_MILLISECONDS: Final = 3_000
_CURSOR: Final = re.compile("-1|[0-9]{1,17}")
# A reader that does not know what a reset is comes again with the same cursor: not every three seconds.
RESET_RETRY_MILLISECONDS: Final = 60_000


class Beginning(NamedTuple):
    """`start` is the first index to send; `snapshot`: before it, all records as they stand; `until`: up to where."""

    start: int
    snapshot: bool = False
    marked: bool = False


class Reset(NamedTuple):
    """Why a cursor is not served: `beyond-log`, `another-log` or `too-old`."""

    reason: str
    detail: str
    after: int
    first: int


def begin(request: Request, asked: Live, size: int, log: str, replay: int = REPLAY) -> Beginning | Reset:
    """Decide where to begin; what a reader had last wins over the address, which does not change with it."""
    said = request.headers.get("last-event-id")
    after = _cursor(said) if said else asked.after
    if after is None:
        return Beginning(size, snapshot=asked.snapshot, marked=asked.snapshot)
    first = max(0, size - replay) if replay else 0
    if asked.log is not None and asked.log != log:
        detail = f"Index {after} is from the log {asked.log}; this hub's is {log}. Its indices mean other events."
        return Reset("another-log", detail, after, first)
    if after >= size:
        detail = f"Index {after} is beyond the end of this log, whose last index is {size - 1}. If it came from this "
        detail += "hub, the hub has lost part of its log: keep what you have, and tell its operator."
        return Reset("beyond-log", detail, after, first)
    if after + 1 < first:
        detail = f"Index {after} is too old: this stream goes back {replay} entries, to index {first}. Begin anew with "
        detail += "a snapshot, or read the log itself."
        return Reset("too-old", detail, after, first)
    return Beginning(after + 1, marked=asked.snapshot)


def reset_block(reset: Reset, url: URL, size: int, log: str) -> bytes:
    """Write the one event of such a stream. It has no id: the reader's place is not moved."""
    anew = url.remove_query_params(["after", "log"]).include_query_params(snapshot="true")
    document: dict[str, Any] = {
        "reason": reset.reason,
        "detail": reset.detail,
        "after": reset.after,
        "first": reset.first,
        "log": log,
        "log_size": size,
        "snapshot": f"{anew.path}?{anew.query}",
    }
    return f"retry: {RESET_RETRY_MILLISECONDS}\nevent: reset\ndata: ".encode() + orjson.dumps(document) + b"\n\n"


def _cursor(said: str) -> int:
    after = int(said) if _CURSOR.fullmatch(said) else None
    if after is None:
        detail = f"Last-Event-ID is {said[:60]!r}; it must be the log index of the last event received."
        raise Refusal(HTTPStatus.BAD_REQUEST, "invalid-cursor", detail)
    return after
