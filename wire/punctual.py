"""Connections over HTTP that end at a moment set beforehand, however slowly the other side speaks."""

import ssl
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import httpcore2
import httpx2


class Deadline(threading.local):
    """The moment until which whoever asks in this thread has time; without one only the pauses count."""

    def __init__(self) -> None:
        self._moment: float | None = None
        self._seconds = 0.0

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Set it for what the block does; httpx2.ReadTimeout when it has passed."""
        self._moment, self._seconds = time.monotonic() + seconds, seconds
        try:
            yield
        finally:
            self._moment = None

    def left(self, seconds: float | None) -> float | None:
        """Give the time that one step may take."""
        if self._moment is None:
            return seconds
        left = self._moment - time.monotonic()
        if left <= 0:
            raise httpcore2.ReadTimeout(f"no whole answer after {self._seconds:g} seconds")
        return left if seconds is None else min(left, seconds)


def keep_punctual(client: httpx2.Client) -> Deadline:
    """Give the deadline that all connections of this client keep from now on, also those through a proxy."""
    deadline = Deadline()
    # httpx2 hands no backend through; given a transport of ours, it would pass over the proxies of the environment.
    for transport in (client._transport, *client._mounts.values()):  # noqa: SLF001
        if isinstance(transport, httpx2.HTTPTransport):
            pool: Any = transport._pool  # noqa: SLF001
            pool._network_backend = _Backend(pool._network_backend, deadline)  # noqa: SLF001
    return deadline


class _Backend(httpcore2.NetworkBackend):
    def __init__(self, inner: httpcore2.NetworkBackend, deadline: Deadline) -> None:
        self._inner = inner
        self._deadline = deadline

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:  # fmt: skip
        timeout = self._deadline.left(timeout)
        line = self._inner.connect_tcp(host, port, timeout, local_address, socket_options)
        return _Stream(line, self._deadline)

    def sleep(self, seconds: float) -> None:
        self._inner.sleep(seconds)


class _Stream(httpcore2.NetworkStream):
    def __init__(self, inner: httpcore2.NetworkStream, deadline: Deadline) -> None:
        self._inner = inner
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._deadline.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._deadline.left(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        safe = self._inner.start_tls(ssl_context, server_hostname, self._deadline.left(timeout))
        return _Stream(safe, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)
