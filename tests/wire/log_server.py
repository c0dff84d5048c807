"""Serves a mirror directory at the addresses of a hub's log, as any static web server could; it can be told to fail."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import orjson


class LogServer:
    """`refuse` the next so many questions with status 503; `replaced` gives other answers by path; `asked` counts.

    `statuses` are those of the answers that are no plain yes, by path.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.refuse = 0
        self.replaced: dict[str, bytes | None] = {}
        self.statuses: dict[str, int] = {}
        self.asked: list[str] = []
        self.address = ""

    def answer(self, target: str) -> bytes | None:
        """Give what lies there."""
        path = urlsplit(target).path
        self.asked.append(path)
        if path in self.replaced:
            return self.replaced[path]
        if path == "/log/checkpoints":
            after = int(parse_qs(urlsplit(target).query)["after"][0])
            sizes = sorted(int(each.name) for each in (self.directory / "checkpoints").iterdir())
            page = [size for size in sizes if size > after][:2]
            items = [{"size": size, "root": "", "cosigners": [], "quorum": True, "at": ""} for size in page]
            return orjson.dumps({"items": items, "next": page[-1] if len(page) == 2 else None})
        name = path.removeprefix("/log/").removeprefix("/api/v1/").removeprefix("/")
        file = self.directory / name
        return file.read_bytes() if file.is_file() else None


@contextmanager
def serving(directory: Path) -> Iterator[LogServer]:
    """Serve the directory while the block runs."""
    log = LogServer(directory)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 65_536  # an answer goes out in one piece: in two, each would wait for the client's word

        def do_GET(self) -> None:
            found, status = log.answer(self.path), log.statuses.get(urlsplit(self.path).path, 200)
            if log.refuse:
                log.refuse, found, status = log.refuse - 1, b"later", 503
            if found is None:
                found, status = b"", 404 if status == 200 else status
            self.send_response(status)
            self.send_header("Content-Length", str(len(found)))
            self.end_headers()
            self.wfile.write(found)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    log.address = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield log
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
