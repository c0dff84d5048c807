"""Posts to addresses that others chose: public ones only, checked where the connection is made, bounded in all ways."""

import asyncio
import functools
import socket
import ssl
import time
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from ipaddress import ip_address
from typing import Any, Final, NamedTuple

import httpcore2
from httpcore2 import AnyIOBackend, AsyncNetworkBackend, AsyncNetworkStream

from hub.clock import utc_now
from hub.subscriptions.addresses import is_public
from hub.subscriptions.backoff import read_retry_after
from schemas.readable import readable
from schemas.sentences import sentence

CONNECT_SECONDS: Final = 5.0
TOTAL_SECONDS: Final = 15.0
LOOKUPS: Final = 16  # names looked up at once
MAX_KEPT: Final = 300  # characters of an answer that are shown to the owner
MAX_READ: Final = 4096  # bytes of an answer that are read at all

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]


class Answer(NamedTuple):
    """What came of a post: HTTP's status, None without an answer; the first characters of it, or what went wrong."""

    status: int | None
    text: str
    milliseconds: int
    retry_after: float | None = None

    @property
    def arrived(self) -> bool:
        """Whether the receiver took it."""
        return self.status is not None and HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES


class NotPublic(httpcore2.ConnectError):
    """A name led to an address that a hub must not be made to speak to."""


class Egress:
    """Posts with a bounded number of connections; `private_hosts` are names that the operator excepted.

    A receiver's name is looked up by `resolve` when the connection is made, and the connection goes to the very
    address that was checked: a name that changes its mind in between leads nowhere else. Redirects are not followed.
    """

    def __init__(
        self, private_hosts: Collection[str] = (), *, total: float = TOTAL_SECONDS, resolve: Resolve | None = None,
        context: ssl.SSLContext | None = None,
    ) -> None:  # fmt: skip
        self.private_hosts = frozenset(private_hosts)
        self._total = total
        self._backend = _CheckedBackend(self.private_hosts, resolve or _look_up)
        self._context = context

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Post once; what goes wrong is in the answer."""
        started = time.monotonic()

        def answer(status: int | None, text: str, retry_after: float | None = None) -> Answer:
            return Answer(status, text[:MAX_KEPT], int((time.monotonic() - started) * 1000), retry_after)

        try:
            async with asyncio.timeout(self._total):
                return answer(*await self._exchange(url, headers, body))
        except TimeoutError:
            return answer(None, sentence("no whole answer within {n} seconds", n=f"{self._total:.0f}"))
        except NotPublic as error:
            return answer(None, str(error))
        except (httpcore2.NetworkError, httpcore2.TimeoutException, httpcore2.ProtocolError, OSError) as error:
            return answer(None, _in_words(error))

    async def _exchange(self, url: str, headers: Mapping[str, str], body: bytes) -> tuple[int, str, float | None]:
        # A connection of its own for each: none is left open towards an address that was checked long ago.
        async with httpcore2.AsyncConnectionPool(
            self._context or _trusting_all_known(),
            max_connections=1,
            max_keepalive_connections=0,
            network_backend=self._backend,
        ) as pool:
            limits = {"connect": CONNECT_SECONDS, "read": self._total, "write": self._total, "pool": CONNECT_SECONDS}
            sent = [*headers.items(), ("Connection", "close")]
            async with pool.stream("POST", url, headers=sent, content=body, extensions={"timeout": limits}) as got:
                content = bytearray()
                async for part in got.aiter_stream():
                    content += part
                    if len(content) > MAX_READ:
                        break
                named = {name.lower(): value for name, value in got.headers}
                asked = read_retry_after(named.get(b"retry-after"), utc_now())
        return got.status, readable(content[:MAX_READ].decode("utf-8", "replace")), asked


@functools.cache
def _trusting_all_known() -> ssl.SSLContext:
    """Made with the first post: to read all authorities that the system knows takes longer than most starts may."""
    return ssl.create_default_context()


class _CheckedBackend(AsyncNetworkBackend):
    """Connects to the address that was checked, never to a name."""

    def __init__(self, private_hosts: Collection[str], resolve: Resolve) -> None:
        self._private_hosts = private_hosts
        self._resolve = resolve
        self._inner = AnyIOBackend()

    async def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, local_address: str | None = None,  # noqa: ASYNC109 - its form is given
        socket_options: Iterable[Any] | None = None,
    ) -> AsyncNetworkStream:  # fmt: skip
        """Look the name up, refuse it if any of its addresses is not public, and connect to the first that answers."""
        found = await self._resolve(host, port)
        if not found:
            raise httpcore2.ConnectError(sentence("the name {host} has no address", host=host))
        if host not in self._private_hosts and not all(is_public(ip_address(each)) for each in found):
            raise NotPublic(
                sentence("{host} leads to an address that is not public; hub.toml names exceptions", host=host)
            )
        failed: Exception | None = None
        for address in found[:3]:
            try:
                return await self._inner.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failed = error
        assert failed is not None  # noqa: S101 - there was at least one address
        raise failed

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await self._inner.sleep(seconds)


@functools.cache
def _lookups() -> ThreadPoolExecutor:
    """A look-up may hang as long as its name server likes: it takes no thread from the log, the bus and the mail."""
    return ThreadPoolExecutor(LOOKUPS, "webhook-lookup")


async def _look_up(host: str, port: int) -> Sequence[str]:
    asked = functools.partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
    try:
        found = await asyncio.get_running_loop().run_in_executor(_lookups(), asked)
    except (OSError, UnicodeError) as error:
        raise httpcore2.ConnectError(
            sentence("the name {host} cannot be looked up: {error}", host=host, error=error)
        ) from None
    return list(dict.fromkeys(str(each[4][0]).partition("%")[0] for each in found))


def _in_words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".rstrip(": ")
