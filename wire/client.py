"""A small reader of a hub over HTTP: records, nodes, counts and the stream of events, with errors in sentences.

HubError
├── BadAddress   the address is not one of a hub, or a token would travel in clear
├── HubAway      no answer, or not the answer of a hub: try again later
└── HubRefused   an answer that is no, with its name
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any, Final, NamedTuple, Self

import httpx2
import orjson

from schemas.sentences import sentence
from wire.lines import Endless, lines
from wire.punctual import keep_punctual

CONNECT_SECONDS: Final = 10.0
READ_SECONDS: Final = 30.0
# The hub sends a sign of life every 15 seconds: three missed ones are a dead connection.
SILENT_SECONDS: Final = 45.0
MAX_ERROR: Final = 64 * 1024
MAX_DETAIL: Final = 2000  # characters of a refusal that are told
PAGE: Final = 100  # records that are asked for at once
MAX_ANSWER: Final = 32 * 1024 * 1024  # a page of the longest records, each of 256 KiB
MAX_LINE: Final = 4 * 1024 * 1024
# A whole answer may take so many times what one read of it may: whoever takes longer does not serve it.
WHOLE: Final = 4
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})

Params = Mapping[str, str | int | Sequence[str]]


class HubError(Exception):
    """Something went wrong between reader and hub; the message says what, and what to do."""


class BadAddress(HubError):
    """The address cannot be used."""


class HubAway(HubError):
    """The hub does not answer, or something else answers in its place."""


class HubRefused(HubError):
    """The hub answered no. `status` is HTTP's, `name` ends the problem's type, `members` are the problem's."""

    def __init__(self, status: int, name: str, detail: str, members: dict[str, Any]) -> None:
        super().__init__(detail)
        self.status = status
        self.name = name
        self.members = members


class Opened(NamedTuple):
    """A stream of events: the log that its ids are of, as the hub names it, and its lines."""

    log: str | None
    lines: Iterator[str]


class HubClient:
    """Reads one hub. Close it, or use it in `with`."""

    def __init__(
        self, address: str, token: str | None = None, *, silent_seconds: float = SILENT_SECONDS,
        read_seconds: float = READ_SECONDS,
    ) -> None:  # fmt: skip
        self.address = _checked(address, token)
        headers = {"Accept": "application/json", "User-Agent": "liaison"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        timeout = httpx2.Timeout(read_seconds, connect=min(CONNECT_SECONDS, read_seconds))
        # Redirects are not followed: a token is for this hub only.
        self._http = httpx2.Client(headers=headers, timeout=timeout, follow_redirects=False)
        self._silent = httpx2.Timeout(READ_SECONDS, connect=CONNECT_SECONDS, read=silent_seconds)
        self._deadline = keep_punctual(self._http)
        self._seconds = WHOLE * read_seconds

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections."""
        self._http.close()

    def record(self, kind: str, organization: str, record_id: str) -> dict[str, Any]:
        """Give one record; HubRefused with status 404 if there is none to be seen."""
        found = self.get(f"/api/v1/records/{kind}/{organization}/{record_id}")
        if not isinstance(found.get("status"), str):  # of one that is erased or held elsewhere there is not much more
            raise self._strange()
        return found

    def history(self, kind: str, organization: str, record_id: str) -> Iterator[dict[str, Any]]:
        """Give all versions of a record, oldest first."""
        return self._pages(f"/api/v1/records/{kind}/{organization}/{record_id}/history", {})

    def records(self, **filters: str | int | Sequence[str]) -> Iterator[dict[str, Any]]:
        """Give all records that the filters choose (kind, org, place, theme, q, status, since), page by page."""
        return self._pages("/api/v1/records", filters)

    def nodes(self) -> list[dict[str, Any]]:
        """Give the nodes of the network with their states."""
        return self._items(self.get("/api/v1/nodes"))

    def stats(self) -> dict[str, Any]:
        """Give the hub's counts."""
        return self.get("/api/v1/stats")

    def get(self, path: str, params: Params | None = None) -> dict[str, Any]:
        """Ask for a JSON document."""
        status, content = self._read(path, MAX_ANSWER, params)
        _check(status, content, self.address)
        document = _parsed(content)
        if document is None:
            raise HubAway(
                sentence("{address} did not answer with JSON; is this the address of a hub?", address=self.address)
            )
        return document

    def fetch(self, path: str, most: int) -> bytes | None:
        """Get a file of at most `most` bytes as it is; None where there is none (404)."""
        status, content = self._read(path, most, accept="*/*")
        if status == httpx2.codes.NOT_FOUND:
            return None
        _check(status, content, self.address)
        return content

    def _read(
        self, path: str, most: int, params: Params | None = None, accept: str = "application/json"
    ) -> tuple[int, bytes]:
        """Give status and content; of an error only its beginning."""
        asked = _flat(params) if params else None
        try:
            with (
                self._deadline.within(self._seconds),
                self._http.stream("GET", self.address + path, params=asked, headers={"Accept": accept}) as answer,
            ):
                status = answer.status_code
                if status != httpx2.codes.OK:
                    return status, _beginning(answer, MAX_ERROR)
                content = _beginning(answer, most + 1)
        except httpx2.HTTPError as error:
            raise self._away(error) from None
        if len(content) > most:
            raise HubAway(f"{self.address}{path} has more than {most} bytes; this is not how a hub speaks")
        return status, content

    @contextmanager
    def stream(self, params: Params, last_event_id: int | None) -> Iterator[Opened]:
        """Open the stream of events; HubAway when it breaks, also while it is read."""
        headers = {"Accept": "text/event-stream"}
        if last_event_id is not None:
            headers["Last-Event-ID"] = str(last_event_id)
        request = self._http.stream(
            "GET", f"{self.address}/api/v1/events", params=_flat(params), headers=headers, timeout=self._silent
        )
        try:
            with ExitStack() as opened:
                with self._deadline.within(self._seconds):  # of the answer's head; the stream itself has no end
                    answer = opened.enter_context(request)
                    if answer.status_code != httpx2.codes.OK:
                        _check(answer.status_code, _beginning(answer, MAX_ERROR), self.address)
                if not answer.headers.get("content-type", "").startswith("text/event-stream"):
                    raise HubAway(
                        sentence(
                            "{address} did not answer with events; is this the address of a hub?", address=self.address
                        )
                    )
                yield Opened(answer.headers.get("liaison-log"), lines(answer.iter_bytes(), MAX_LINE, self._seconds))
        except httpx2.HTTPError as error:
            raise self._away(error) from None
        except Endless as error:
            raise HubAway(f"{self.address} sent {error}; this is not how a hub speaks") from None

    def _pages(self, path: str, params: Params) -> Iterator[dict[str, Any]]:
        after: int | None = None
        while True:
            page = self.get(path, {"limit": PAGE, **params} | ({} if after is None else {"after": after}))
            items, following = self._items(page), page.get("next")
            yield from items
            if following is None:
                return
            if type(following) is not int or not items or following <= (-1 if after is None else after):
                raise self._strange()  # it would lead in a circle
            after = following

    def _items(self, page: dict[str, Any]) -> list[dict[str, Any]]:
        items = page.get("items")
        if not isinstance(items, list) or not all(isinstance(each, dict) for each in items):
            raise self._strange()
        return items

    def _strange(self) -> HubAway:
        return HubAway(
            sentence(
                "{address} answered with status {status}, not as a hub does; is this the address of a hub?",
                address=self.address,
                status=200,
            )
        )

    def _away(self, error: Exception) -> HubAway:
        return HubAway(
            sentence(
                "{address} does not answer: {cause}", address=self.address, cause=str(error) or type(error).__name__
            )
        )


def _checked(address: str, token: str | None) -> str:
    try:
        url = httpx2.URL(address)
    except httpx2.InvalidURL as error:
        raise BadAddress(f"{address[:200]!r} is no address: {error}") from None
    if url.scheme not in {"http", "https"} or not url.host:
        raise BadAddress(f"{address[:200]!r} is not the address of a hub; it begins with https:// or http://")
    if not _can_be_looked_up(url):
        raise BadAddress(f"{address[:200]!r} names no host and port that there can be")
    if url.userinfo or url.query or url.fragment:
        raise BadAddress("the hub's address has no user, query or fragment; a token comes from LIAISON_TOKEN or a file")
    if token and url.scheme == "http" and url.host not in _LOOPBACK:
        raise BadAddress(f"{url.host} is asked over http, where everybody on the way reads the token; use https")
    if token and not is_token(token):
        raise BadAddress("the access token is not one word of ASCII letters; it is not sent")
    return str(url).rstrip("/")


def is_token(text: str) -> bool:
    """Whether this can be sent as an access token, or is none at all: nothing in it breaks the header that bears it."""
    return all("!" <= letter <= "~" for letter in text)


def _can_be_looked_up(url: httpx2.URL) -> bool:
    try:
        url.raw_host.decode("ascii").encode("idna")  # as it is before a name is looked up
    except UnicodeError:
        return False
    return url.port is None or 0 < url.port < 65536


def _beginning(answer: httpx2.Response, most: int) -> bytes:
    """Read an answer up to so many bytes, unpacked or not, and no further."""
    content = bytearray()
    for part in answer.iter_bytes():
        content += part
        if len(content) >= most:
            break
    return bytes(content[:most])


def _check(status: int, content: bytes, address: str) -> None:
    if status == httpx2.codes.OK:
        return
    document = _parsed(content) or {}
    if "detail" not in document or "type" not in document:
        raise HubAway(
            sentence(
                "{address} answered with status {status}, not as a hub does; is this the address of a hub?",
                address=address,
                status=status,
            )
        )
    errors = document.get("errors")
    others = [each for each in errors[1:] if isinstance(each, dict)] if isinstance(errors, list) else []
    detail = "; ".join([str(document["detail"]), *(str(each.get("detail")) for each in others)])[:MAX_DETAIL]
    if status >= httpx2.codes.INTERNAL_SERVER_ERROR or status == httpx2.codes.TOO_MANY_REQUESTS:
        raise HubAway(f"{address}: {detail}")
    raise HubRefused(status, str(document["type"]).rsplit("/", 1)[-1], detail, document)


def _parsed(content: bytes) -> dict[str, Any] | None:
    try:
        document = orjson.loads(content)
    except orjson.JSONDecodeError:
        return None
    return document if isinstance(document, dict) else None


def _flat(params: Params) -> list[tuple[str, str | int | float | bool | None]]:
    """Give one pair for each value: a filter is repeated for several."""
    pairs: list[tuple[str, str | int | float | bool | None]] = []
    for name, value in params.items():
        pairs += [(name, value)] if isinstance(value, str | int) else [(name, each) for each in value]
    return pairs
