"""Many live readers at once on plain sockets, as cheap as they can be, with what each of them got."""

import asyncio
import re
from collections.abc import Sequence
from urllib.parse import urlsplit

_EVENT = re.compile(rb"^id: (\d+)\nevent: (\S+)\ndata: ", re.MULTILINE)


class CrowdReader(asyncio.Protocol):
    """Reads one stream and keeps it. `begun` is set by its first block, `done` once it has reached an index."""

    def __init__(self, request: bytes) -> None:
        loop = asyncio.get_running_loop()
        self.begun: asyncio.Future[None] = loop.create_future()
        self.done: asyncio.Future[None] = loop.create_future()
        self.text = bytearray()
        self._request = request
        self._until = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        seen = len(self.text)
        self.text += data
        if not self.begun.done() and b"\n\n" in self.text:
            self.begun.set_result(None)
        self._look(max(0, seen - 100))

    def connection_lost(self, exc: Exception | None) -> None:
        for future in (self.begun, self.done):
            if not future.done():
                future.set_exception(ConnectionError(f"the stream ended: {bytes(self.text[-300:])!r}"))

    async def reach(self, index: int) -> None:
        """Wait until the reader stands at this index."""
        self._until = b"id: %d\n" % index
        if self.done.done() and self.done.exception() is None:
            self.done = asyncio.get_running_loop().create_future()
        self._look(max(0, len(self.text) - 200_000))
        await self.done

    def ids(self) -> list[int]:
        """The indices of its events, as they came."""
        return [int(index) for index, _ in self.events()]

    def events(self) -> list[tuple[bytes, bytes]]:
        """Index and type of its events, as they came."""
        return _EVENT.findall(self.text)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def _look(self, start: int) -> None:
        if self._until and not self.done.done() and self.text.find(self._until, start) >= 0:
            self.done.set_result(None)


async def gather_crowd(address: str, queries: Sequence[str]) -> list[CrowdReader]:
    """Connect a reader for each query; all of them stand at their beginning when this returns."""
    there = urlsplit(address)
    loop, crowd = asyncio.get_running_loop(), list[CrowdReader]()
    for query in queries:
        request = f"GET /api/v1/events{query} HTTP/1.1\r\nHost: hub\r\n\r\n".encode()
        reader = CrowdReader(request)
        await loop.create_connection(lambda r=reader: r, there.hostname, there.port)  # type: ignore[misc]
        crowd.append(reader)
        if len(crowd) % 100 == 0:  # a listener's queue is 2,048 long at most, often 128
            await asyncio.gather(*(each.begun for each in crowd[-100:]))
    await asyncio.gather(*(each.begun for each in crowd))
    return crowd
