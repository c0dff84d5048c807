"""What the bus carries, and how it can fail: messages out, messages in, and the exceptions of the bus.

BusError
├── BusAway        not connected: nothing was sent
├── Unknown        sent, but no answer came: whoever needs certainty sends again under the same ids
├── NoResponder    connected, but nobody serves this subject
└── BusRefused     the server said no, with its code
    └── BatchRefused   … to a batch: nothing of it was stored
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

MAX_PAYLOAD = 1024 * 1024
MESSAGE_ID = "Nats-Msg-Id"

_START = b"NATS/1.0"
_BAD_SUBJECT = re.compile(r"[\s\x00]|^$|^\.|\.\.|\.$")
_BAD_NAME = re.compile(r"[^!#-'*+\-.0-9A-Z^_`a-z|~]|^$")
_BAD_VALUE = re.compile(r"[\r\n\x00]")


class BusError(Exception):
    """Something about the bus; catch this one to go on without it."""


class BusAway(BusError):
    """Not connected now; nothing was sent, and the connection is being made again by itself."""


class Unknown(BusError):
    """Sent, but nobody knows whether it arrived: send it again with the same ids."""


class NoResponder(BusError):
    """Nobody serves this subject: the hub is away, or the subject is not one of ours."""


class BusRefused(BusError):
    """The server refused; `code` is its error code (such as 10059), `text` its words."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(f"the bus refused: {text} (code {code})")
        self.code = code
        self.text = text


class BatchRefused(BusRefused):
    """A batch was refused as a whole: none of its messages was stored by it."""

    DUPLICATE = 10201
    WRONG_LAST = 10071

    @property
    def duplicate(self) -> bool:
        """Whether at least one of its message ids is stored already: go on with `publish_pipelined`."""
        return self.code == self.DUPLICATE


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message to send; header values hold no line breaks."""

    subject: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Stored:
    """What a stream says after storing: its name, the sequence (never an identity), and whether it had it before."""

    stream: str
    seq: int
    duplicate: bool


def frame(subject: str, body: bytes, headers: Mapping[str, str], reply: str = "") -> bytes:
    """The protocol's bytes for one publish; ValueError for what would break or inject protocol lines."""
    if _BAD_SUBJECT.search(subject) or (reply and _BAD_SUBJECT.search(reply)):
        raise ValueError(f"not a subject that can be published to: {subject!r} (reply {reply!r})")
    if not headers:
        head = b""
        line = f"PUB {subject} {reply} {len(body)}\r\n"
    else:
        lines = ["NATS/1.0\r\n"]
        for name, value in headers.items():
            if _BAD_NAME.search(name) or _BAD_VALUE.search(value):
                raise ValueError(f"not a header that can be sent: {name!r}")
            lines.append(f"{name}: {value}\r\n")
        lines.append("\r\n")
        head = "".join(lines).encode()
        line = f"HPUB {subject} {reply} {len(head)} {len(head) + len(body)}\r\n"
    if len(head) + len(body) > MAX_PAYLOAD:
        raise ValueError(f"{len(head) + len(body)} bytes for {subject}; the bus carries at most {MAX_PAYLOAD}")
    return b"".join((line.encode(), head, body, b"\r\n"))


@dataclass(slots=True)
class Incoming:
    """A message as it came; headers and places are read only when asked for, which is what makes intake cheap."""

    subject: str
    reply: str
    raw_headers: bytes
    body: bytes
    epoch: int = 0  # the connection it came by: an acknowledgement is worth nothing on another one
    found_at: int = 0  # its sequence, when it was looked up rather than delivered

    def header(self, name: str) -> str:
        """One header, its name in exactly this spelling; empty when it is not there."""
        return self.raw_header(name).decode("utf-8", "replace")

    def raw_header(self, name: str) -> bytes:
        """The same, as it came."""
        raw, mark = self.raw_headers, b"\r\n" + name.encode() + b":"
        start = raw.find(mark) + len(mark)
        if start < len(mark):
            return b""
        end = raw.find(b"\r", start)  # many times as quick as looking for both
        if not raw.startswith(b"\r\n", end):
            end = raw.find(b"\r\n", start)
        return raw[start:end].strip()

    @property
    def headers(self) -> dict[str, str]:
        """All headers in their own spelling; of repeated ones the first, as `header` reads them."""
        found: dict[str, str] = {}
        for line in self.raw_headers.split(b"\r\n")[1:]:
            name, mark, value = line.partition(b":")
            if mark:
                found.setdefault(name.decode("utf-8", "replace"), value.strip().decode("utf-8", "replace"))
        return found

    @property
    def status(self) -> int:
        """The server's own status (404, 408, 503 …), 0 for what somebody published."""
        line = self.raw_headers[len(_START) : self.raw_headers.find(b"\r\n")].split()
        return int(line[0]) if line and line[0].isdigit() else 0

    @property
    def size(self) -> int:
        """Bytes that it occupies, near enough to bound memory with."""
        return len(self.body) + len(self.raw_headers) + len(self.subject) + len(self.reply)

    @property
    def stream_seq(self) -> int:
        """Its place in the stream, never an identity: streams reuse numbers after a loss. 0 outside streams."""
        return self.found_at or self._place(1)

    @property
    def redelivered(self) -> bool:
        """Whether it was delivered before, unacknowledged."""
        return self._place(0) > 1

    @property
    def pending(self) -> int:
        """How many more the stream holds for the same consumer behind it."""
        return self._place(4)

    def _place(self, which: int) -> int:
        tokens = self.reply.split(".", 12)
        if len(tokens) < 9 or tokens[:2] != ["$JS", "ACK"]:
            return 0
        # $JS.ACK.<stream>.<consumer>.<5 numbers>, or with domain and account hash before the stream.
        return int(tokens[(4 if len(tokens) == 9 else 6) + which])
