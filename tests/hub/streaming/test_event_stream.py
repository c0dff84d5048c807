"""Tests of hub/streaming/event_stream.py: a thousand readers at once, slow ones, and ones that leave."""

import asyncio
import resource
import socket
from collections.abc import AsyncGenerator
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import pytest
import structlog.testing
from fastapi import FastAPI

from hub.streaming.event_stream import EventStream
from hub.streaming.file_limit import raise_file_limit
from hub.streaming.limits import LiveLimits
from hub.streaming.places import Places
from tests.bus_fixture import until
from tests.hub.published import Published
from tests.hub.serving import api_of, served
from tests.hub.streaming.crowd import gather_crowd
from tests.signed_network import contact, need

READERS = 1000
ROUNDS = 8


def test_a_thousand_readers_get_every_event_that_they_ask_for_in_order(small_network: Published) -> None:
    """One process, one event loop: every reader by its filter, none waits for another, nothing twice."""
    if raise_file_limit() < 2 * READERS + 300:
        pytest.skip(f"this system allows {resource.getrlimit(resource.RLIMIT_NOFILE)[1]} open files: ulimit -Hn 4096")
    small_network.admit("xa-centre")
    small_network.admit("other-office")
    start = small_network.tail.size

    def publish() -> None:
        for number in range(ROUNDS):
            small_network.publish("need", need(f"Need {number}"), id=f"n{number}")
            small_network.publish("resource", id=f"r{number}", org="other-office")
            small_network.publish("contact", contact(), marking="TLP:GREEN", id=f"c{number}")
        small_network.publish("need", need("Last"), id="last")

    everything = [start + 3 * each + place for each in range(ROUNDS) for place in (0, 1)] + [start + 3 * ROUNDS]
    needs = [start + 3 * each for each in range(ROUNDS + 1)]
    expected = {
        "": everything,
        "?kind=need": needs,
        f"?after={start - 1}&kind=need&kind=resource": everything,
        "?org=xa-centre": needs,
        "?place=KEN&kind=need&theme=2.10": needs,
        "?q=last&kind=need": needs[-1:],
    }
    queries = [list(expected)[number % len(expected)] for number in range(READERS)]

    async def watch(address: str) -> list[list[int]]:
        crowd = await gather_crowd(address, queries)
        publishing = asyncio.create_task(asyncio.to_thread(publish))
        async with asyncio.timeout(240):
            await asyncio.gather(*(reader.reach(needs[-1]) for reader in crowd))
        await publishing
        for reader in crowd:
            reader.close()
        return [reader.ids() for reader in crowd]

    limits = LiveLimits(readers=READERS, per_address=0)
    with served(small_network, partial(api_of, live=limits)) as hub:
        got = asyncio.run(watch(hub.address))
    assert got == [expected[query] for query in queries]


def endless(size: int, sent: list[int]) -> AsyncGenerator[bytes]:
    async def parts() -> AsyncGenerator[bytes]:
        try:
            while True:
                sent[0] += 1
                yield b":" + b"x" * size + b"\n\n"
                await asyncio.sleep(0)
        finally:
            sent[1] += 1

    return parts()


def streaming_app(places: Places, sent: list[int], **options: Any) -> FastAPI:
    """An application with one stream that never ends by itself."""
    app = FastAPI()

    @app.get("/endless")
    async def stream() -> EventStream:
        return EventStream(endless(60_000, sent), places, **options)

    return app


def connect(address: str) -> socket.socket:
    """Ask, and then read nothing; the system takes as little in our place as it can."""
    there = urlsplit(address)
    reader = socket.socket()
    reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    reader.connect((there.hostname, there.port))
    reader.sendall(b"GET /endless HTTP/1.1\r\nHost: hub\r\n\r\n")
    return reader


async def test_a_reader_that_does_not_read_is_let_go_with_a_line_in_the_log(small_network: Published) -> None:
    places, sent = Places(), [0, 0]
    with (
        structlog.testing.capture_logs() as said,
        served(small_network, lambda _: streaming_app(places, sent, patience=0.05)) as hub,
        connect(hub.address) as reader,
    ):
        await until(lambda: places.dropped == 1)
        await until(lambda: places.taken == 0)
        await until(lambda: sent[1] == 1)
        # Broken off in the middle of a part: what waited is not kept for a reader who will not come.
        received = b"".join(iter(lambda: reader.recv(65536), b""))
    assert len(received) < sent[0] * 60_000
    assert not received.endswith(b"\r\n0\r\n\r\n")
    [line] = [line for line in said if line["event"] == "events.reader_dropped"]
    assert line["address"] == "127.0.0.1"
    assert line["what"] == "took nothing for 0.05 seconds; it can come back to where it was"


async def test_what_waits_for_a_slow_reader_is_bounded(small_network: Published) -> None:
    """Its own socket's buffers and 64 KiB: then its stream stands still, however much there is to send."""
    places, sent = Places(), [0, 0]
    with served(small_network, lambda _: streaming_app(places, sent)) as hub, connect(hub.address):
        await until(lambda: sent[0] > 0)
        seen = -1
        while seen != sent[0]:
            seen = sent[0]
            await asyncio.sleep(0.2)
        assert sent[0] * 60_000 < 16_000_000


async def test_a_reader_that_leaves_gives_its_place_back(small_network: Published) -> None:
    places, sent = Places(), [0, 0]
    with served(small_network, lambda _: streaming_app(places, sent)) as hub:
        connect(hub.address).close()
        await until(lambda: sent[1] == 1)
        await until(lambda: places.taken == 0)
    assert places.dropped == 0
