"""Something that answers in a hub's place as it likes: one answer for every question, whole or endless."""

import ssl
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import orjson

EVENT = {
    "specversion": "1.0", "type": "liaison.need.published", "subject": "need/xa-centre/n1", "index": 3,
    "time": "2026-11-23T18:00:15.000Z", "data": {"record": {"title": {"en": "Readers"}}},
}  # fmt: skip


def event(index: object = 3, **members: Any) -> bytes:
    """Give a block of a stream; `members` lie about the event in it."""
    return block(orjson.dumps(EVENT | members), index)


def block(data: bytes, index: object = 3) -> bytes:
    """Give a block with any data."""
    return f"id: {index}\nevent: {EVENT['type']}\ndata: ".encode() + data + b"\n\n"


def reset(detail: str = "The log is shorter.") -> bytes:
    """Give the block that ends a stream and its reader."""
    return b"event: reset\ndata: " + orjson.dumps({"reason": "beyond-log", "detail": detail}) + b"\n\n"


@contextmanager
def lying(
    answer: Any, status: int = 200, content_type: str = "application/json", encoding: str = "",
    tls: ssl.SSLContext | None = None,
) -> Iterator[str]:  # fmt: skip
    """Give its address. `answer` is bytes, a JSON value, or a function that gives parts for as long as it is read."""
    parts: Callable[[], Iterable[bytes]]
    if callable(answer):
        parts = answer
    else:
        content = answer if isinstance(answer, bytes) else orjson.dumps(answer)
        parts = lambda: [content]  # noqa: E731

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            if encoding:
                self.send_header("Content-Encoding", encoding)
            self.end_headers()
            with suppress(OSError):  # the reader has gone
                for part in parts():
                    self.wfile.write(part)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield f"http{'s' if tls else ''}://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()


def streaming(*blocks: bytes) -> Any:
    """Give a hub that sends these blocks to whoever follows it."""
    return lying(b"".join(blocks), content_type="text/event-stream")
