"""One connection by nats-py: let in or an error, ended or gone, and no trap of nats-py left in between."""

import asyncio
from pathlib import Path

import pytest
import uvloop

from tests.bus_fixture import kill, running_bus, until
from wire.bus_client import OneConnection
from wire.bus_message import Incoming, frame


async def opened(url: str, seed: bytes | None) -> OneConnection:
    client = OneConnection(1)
    await client.open([url], "test", seed, None)
    return client


async def test_it_is_connected_when_open_returns_and_gone_when_the_server_dies(tmp_path: Path) -> None:
    async with running_bus(tmp_path) as network:
        client = await opened(network.url, network.seeds["hub"])
        assert client.is_connected
        gone = asyncio.create_task(client.gone())
        kill(network)
        async with asyncio.timeout(60):
            await gone
        await client.discard()


async def test_a_server_that_says_nothing_is_an_error_not_a_connection() -> None:
    async def mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # The challenge comes, and then a PING instead of a PONG: nats-py alone would call this a success.
        writer.write(b'INFO {"max_payload":1048576,"headers":true,"nonce":"x"}\r\n')
        while await reader.readline():
            writer.write(b"PING\r\n")
        writer.close()

    server = await asyncio.start_server(mute, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    client = OneConnection(1)
    with pytest.raises(Exception, match="did not confirm"):
        await client.open([f"nats://127.0.0.1:{port}"], "test", None, None)
    await client.discard()
    server.close()


async def test_a_failing_sink_and_an_abandoned_flush_do_not_end_the_reading(tmp_path: Path) -> None:
    async with running_bus(tmp_path) as network:
        client = await opened(network.url, network.seeds["hub"])
        heard: list[bytes] = []

        def sink(incoming: Incoming) -> None:
            if incoming.body == b"bad":
                raise RuntimeError("a mistake of ours")
            heard.append(incoming.body)

        client.listen(1, "x", "", sink)
        client.send([frame("x", body, {}) for body in (b"bad", b"1")])
        flush = asyncio.create_task(client.flush(60))
        await asyncio.sleep(0)
        flush.cancel()
        await asyncio.gather(flush, return_exceptions=True)
        await client.flush(60)
        client.send([frame("x", b"2", {})])
        await until(lambda: heard == [b"1", b"2"])
        client.unlisten(1)
        client.send([frame("x", b"3", {})])
        await client.flush(60)
        assert heard == [b"1", b"2"]
        await client.discard()
        assert client.is_closed


def test_a_socket_that_closed_under_us_is_a_broken_connection_on_the_services_loop_too(
    tmp_path: Path,
) -> None:
    async def scenario() -> None:
        async with running_bus(tmp_path) as network:
            client = await opened(network.url, network.seeds["hub"])
            client._transport._bare_io_writer.transport.abort()
            await asyncio.sleep(0)  # the loop closes it
            with pytest.raises(OSError, match="closed"):
                client.send([frame("x", b"1", {})])
            client.listen(1, "x", "", lambda _: None)
            client.unlisten(1)
            await client.discard()

    uvloop.run(scenario())
