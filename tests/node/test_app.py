"""The running service: one for each directory, with or without the bus, stopped cleanly, and silent about secrets."""

import asyncio
import gc
import io
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import httpx2
import orjson
import pytest
from sqlalchemy import text

from deploy.demo.service import free_port, wait_for
from node.app import Service, listen
from node.keyring import load_keys
from node.lock import is_served
from node.node import build, join
from node.store.batches import IMPORT, MAPPING
from tests.bus_fixture import running_bus, until
from tests.node.nodes import ORG, HubEnd, contact, joined_node, make_node, put
from tests.node.test_erasing import SECRET, reader_in_the_way
from tests.words_in_files import files_with
from wire.bus import StreamPlan
from wire.key_sets import ENROLMENT_FILE

COMMAND = Path(sys.executable).parent / "liaison-node"


class Served:
    """A service in a process of its own."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.address = f"http://127.0.0.1:{free_port()}"
        self.log = directory.parent / "serve.log"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [COMMAND, "serve", self.directory, "--port", self.address.rsplit(":", 1)[1]], stderr=log, stdout=log
            )
        with self.client() as client:

            def lives() -> bool:
                assert self.process.poll() is None, self.log.read_text()
                return self.answers("/livez", client)

            assert wait_for(lives, 120)

    def client(self) -> httpx2.Client:
        """One for many questions: each new one reads the machine's certificates."""
        return httpx2.Client(base_url=self.address, trust_env=False, timeout=60)

    def answers(self, path: str, client: httpx2.Client) -> bool:
        try:
            return client.get(path).status_code == 200
        except httpx2.TransportError:
            return False

    def end(self) -> None:
        """Whatever has happened, nothing of it stays running."""
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait(60)

    def stop(self, number: int = signal.SIGTERM) -> float:
        begun = time.monotonic()
        self.process.send_signal(number)
        self.process.wait(60)
        return time.monotonic() - begun


@contextmanager
def served(directory: Path) -> Iterator[Served]:
    service = Served(directory)
    try:
        service.start()
        yield service
    finally:
        service.end()


def test_it_serves_without_a_bus_and_says_since_when_it_is_away(tmp_path: Path) -> None:
    joined_node(tmp_path / "node").engine.dispose()
    with served(tmp_path / "node") as service:
        node = build(tmp_path / "node")

        def is_away() -> bool:
            relay = node.outbox.relay()
            return relay.bus == "away" and "connecting" not in relay.bus_reason

        assert wait_for(is_away, 60)
        since = node.outbox.relay().bus_since
        token = node.access.create("tests", "2026-11-24T00:00:00.000Z")
        headers = {"Authorization": f"Bearer {token}"}
        with service.client() as client:
            assert service.answers("/readyz", client)
            answer = client.put("/api/v1/records/contact/a", json=contact("a"), headers=headers)
            assert answer.json()["outcome"] == "published"
            status = client.get("/api/v1/status", headers=headers).json()
        assert (status["bus"]["state"], status["bus"]["since"]) == ("away", since)
        assert status["outbox"]["events"] == 2


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_cleanly_within_seconds_and_can_be_started_again(tmp_path: Path, number: int) -> None:
    joined_node(tmp_path / "node").engine.dispose()
    with served(tmp_path / "node") as service:
        assert is_served(tmp_path / "node")
        assert service.stop(number) < 30
        assert service.process.returncode == 0
        assert "Traceback" not in service.log.read_text()
        assert not is_served(tmp_path / "node")
        assert build(tmp_path / "node").outbox.relay().bus == "off"
        service.start()


def test_a_directory_is_served_by_one_process_only(tmp_path: Path) -> None:
    joined_node(tmp_path / "node").engine.dispose()
    with served(tmp_path / "node") as first:
        second = subprocess.run(
            [COMMAND, "serve", tmp_path / "node", "--port", str(free_port())],
            capture_output=True,
            timeout=120,
            check=False,
        )
        assert second.returncode == 1
        assert f"is served already by process {first.process.pid}".encode() in second.stderr
        with first.client() as client:
            assert first.answers("/livez", client)


def test_a_killed_service_leaves_no_lock_behind(tmp_path: Path) -> None:
    joined_node(tmp_path / "node").engine.dispose()
    with served(tmp_path / "node") as service:
        service.stop(signal.SIGKILL)
        service.start()  # ends when it answers


def test_a_port_that_is_taken_is_told_in_a_sentence(tmp_path: Path) -> None:
    joined_node(tmp_path / "node").engine.dispose()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        found = subprocess.run(
            [COMMAND, "serve", tmp_path / "node", "--port", port], capture_output=True, timeout=120, check=False
        )
    assert found.returncode == 1
    assert port.encode() in found.stderr
    assert b"Traceback" not in found.stderr


def test_a_database_that_fails_a_running_part_is_told_in_a_sentence(tmp_path: Path) -> None:
    node = joined_node(tmp_path / "node")
    with node.engine.begin() as connection:
        connection.execute(text("DROP TABLE inbox_queue"))  # one of the parts that run together asks it
    node.engine.dispose()
    words = [COMMAND, "serve", tmp_path / "node", "--port", str(free_port())]
    found = subprocess.run(words, capture_output=True, timeout=120, check=False)
    assert found.returncode == 1
    assert b"liaison-node: the database did not take it: no such table" in found.stderr
    assert b"Traceback" not in found.stderr


async def test_a_node_that_joins_while_it_is_served_publishes_what_waited(tmp_path: Path) -> None:
    node = make_node(tmp_path / "node")
    node.editor.apply([put("a")])
    async with running_bus(tmp_path / "bus", ORG) as network:
        network.seeds[ORG] = node.keyring.bus_seed
        await network.server.reload(network.accounts())
        hub = await network.connect("hub")
        await hub.ensure_stream(StreamPlan("EVENTS", ("events.>",), max_bytes=10**8))
        with served(tmp_path / "node") as service:
            enrolment = (tmp_path / "node" / ENROLMENT_FILE).read_bytes()
            await asyncio.to_thread(join, node, HubEnd().admit(enrolment, network.url))

            async def stored() -> bool:
                return (await hub.stream_state("EVENTS")).messages == 2

            await until(stored)
            await asyncio.to_thread(service.stop)


def test_secrets_are_in_no_log_and_no_argument(tmp_path: Path) -> None:
    joined_node(tmp_path / "node").engine.dispose()
    with served(tmp_path / "node") as service:
        node = build(tmp_path / "node")
        token = node.access.create("tests", "2026-11-24T00:00:00.000Z")
        with service.client() as client:
            for bearer in (token, token + "x"):
                client.get("/api/v1/records", headers={"Authorization": f"Bearer {bearer}"})
        arguments = Path(f"/proc/{service.process.pid}/cmdline").read_bytes()
        service.stop()
    keys = load_keys(tmp_path / "node")
    pems = [path.read_text().split("\n")[1] for path in (tmp_path / "node" / "keys").glob("*.pem")]
    for secret in [token, keys.bus_seed.decode(), keys.import_secret.hex(), *pems]:
        assert len(secret) > 20
        assert secret not in service.log.read_text()
        assert secret.encode() not in arguments
    assert keys.bus_seed.decode() not in repr(keys)


def test_the_log_is_json_lines(tmp_path: Path) -> None:
    joined_node(tmp_path / "node").engine.dispose()
    with served(tmp_path / "node") as service:
        service.stop()
    events = [orjson.loads(line)["event"] for line in service.log.read_bytes().splitlines()]
    assert events[0] == "node.serves"
    assert events[-1] == "node.stopped"


def test_what_a_reader_kept_of_an_erased_body_is_overwritten_by_the_running_service(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("node.erasing.BUSY_MILLISECONDS", 1)
    node = joined_node(tmp_path / "node")
    node.editor.apply([put("duty", SECRET)])
    with served(tmp_path / "node"):
        with reader_in_the_way(tmp_path / "node"):
            node.eraser.erase("contact", "duty")
            assert files_with(tmp_path, SECRET)
        assert wait_for(lambda: not files_with(tmp_path, SECRET), 60)
    node.engine.dispose()


async def test_what_fails_while_the_service_ends_leaves_no_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, told = asyncio.Event(), list[object]()

    @asynccontextmanager
    async def witnessing(*_: object) -> AsyncIterator[None]:
        begun.set()
        try:
            await asyncio.Event().wait()
            yield
        finally:
            raise ConnectionError

    monkeypatch.setattr("node.app.witnessing", witnessing)
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: told.append(context["message"]))
    node = joined_node(tmp_path / "node")
    running = asyncio.create_task(Service(node).run(listen("127.0.0.1", 0)))
    await begun.wait()
    os.kill(os.getpid(), signal.SIGTERM)
    await running
    del running
    gc.collect()
    assert told == []
    node.engine.dispose()


async def test_uploads_whose_time_is_over_are_deleted_though_nobody_opens_a_page(tmp_path: Path) -> None:
    node = make_node(tmp_path / "node")
    times = ("2026-01-01T10:00:00.000Z", "2026-01-02T10:00:00.000Z")
    number = node.batches.begin(IMPORT, (1, "Amina"), MAPPING, {"name": "x"}, times)
    path = node.uploads.keep(number, io.BytesIO(b"a,b\n"))
    cleaning = asyncio.create_task(Service(node)._clean_up())
    await until(lambda: node.batches.one(number) is None)
    cleaning.cancel()
    assert not path.exists()
    node.engine.dispose()
