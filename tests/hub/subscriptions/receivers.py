"""Real receivers on this machine: an HTTP server that answers as it is told, and an SMTP server that keeps its mail."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast

import orjson
from aiosmtpd.controller import Controller
from standardwebhooks.webhooks import Webhook

from deploy.demo.service import free_port


@dataclass
class Posted:
    """One post as it came."""

    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def event(self) -> dict[str, Any]:
        found: dict[str, Any] = orjson.loads(self.body)
        return found

    def verified(self, secret: str) -> dict[str, Any]:
        """The event, if the signature is that of the secret, by the library that receivers use."""
        found: dict[str, Any] = Webhook(secret).verify(self.body, self.headers)
        return found


@dataclass
class Receiver:
    """Answers with `status`, or as `answer` does, and keeps what came with which status it was answered."""

    url: str = ""
    status: int = 204
    location: str = ""
    body: bytes = b""
    before: Callable[[Posted], None] = lambda _posted: None
    posts: list[tuple[int, Posted]] = field(default_factory=list)
    came: threading.Condition = field(default_factory=threading.Condition)

    @property
    def taken(self) -> list[Posted]:
        """What was answered with success, in order."""
        return [posted for status, posted in self.posts if 200 <= status < 300]

    @property
    def indices(self) -> list[int]:
        """The log indices of what was taken, in order."""
        return [posted.event["index"] for posted in self.taken]


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Run a receiver on a free port."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("content-length", 0))
            posted = Posted({name.lower(): value for name, value in self.headers.items()}, self.rfile.read(length))
            receiver.before(posted)
            status = receiver.status
            with receiver.came:
                receiver.posts.append((status, posted))
                receiver.came.notify_all()
            try:
                self.send_response(status)
                if receiver.location:
                    self.send_header("Location", receiver.location)
                self.send_header("Content-Length", str(len(receiver.body)))
                self.end_headers()
                self.wfile.write(receiver.body)
            except OSError:
                return  # who posted has heard enough

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    receiver.url = f"http://localhost:{server.server_address[1]}/hook"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass
class Mailbox:
    """What an SMTP server took; `answers` are its refusals by address."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    before: Callable[[], None] = lambda: None
    came: threading.Condition = field(default_factory=threading.Condition)

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:  # noqa: N802 - aiosmtpd calls it so
        if address in self.answers:
            return self.answers[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd calls it so
        self.before()
        with self.came:
            self.mails.append(cast("EmailMessage", message_from_bytes(envelope.content, policy=default)))
            self.recipients += envelope.rcpt_tos
            self.came.notify_all()
        return "250 OK"

    def text(self, number: int = -1, form: str = "plain") -> str:
        """The text of a mail."""
        part = self.mails[number].get_body((form,))
        assert part is not None
        return str(part.get_content())


@contextmanager
def mailbox() -> Iterator[Mailbox]:
    """Run an SMTP server on a free port."""
    box = Mailbox()
    box.port = free_port()
    controller = Controller(box, hostname="127.0.0.1", port=box.port, ready_timeout=60)
    controller.start()
    try:
        yield box
    finally:
        controller.stop()
