"""What others chose as an address leads nowhere inside, whatever its name says and when; and answers are bounded."""

import asyncio
import socket
import ssl
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from hub.subscriptions.egress import MAX_KEPT, Egress
from tests.hub.subscriptions.receivers import Receiver

NAME = "receiver.example"


async def test_what_is_posted_arrives_and_its_answer_is_told(receiver: Receiver) -> None:
    receiver.status, receiver.body = 201, b"Thank\x00you"
    answer = await Egress({"localhost"}).post(receiver.url, {"X-Word": "one"}, b"body")
    assert (answer.status, answer.text, answer.arrived) == (201, "Thank\ufffdyou", True)
    [(_, posted)] = receiver.posts
    assert (posted.headers["x-word"], posted.body) == ("one", b"body")


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_redirects_are_not_followed(receiver: Receiver, status: int) -> None:
    receiver.status, receiver.location = status, receiver.url.replace("/hook", "/elsewhere")
    answer = await Egress({"localhost"}).post(receiver.url, {}, b"")
    assert (answer.status, answer.arrived, len(receiver.posts)) == (status, False, 1)


async def test_names_whose_servers_do_not_answer_take_no_thread_from_the_log(monkeypatch: pytest.MonkeyPatch) -> None:
    loop, asked, answered = asyncio.get_running_loop(), asyncio.Event(), threading.Event()

    def hangs(*_: object, **__: object) -> list[object]:
        loop.call_soon_threadsafe(asked.set)
        assert answered.wait(60)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", hangs)
    loop.set_default_executor(ThreadPoolExecutor(1))  # what reads the log
    post = asyncio.create_task(Egress().post(f"https://{NAME}/", {}, b""))
    try:
        async with asyncio.timeout(20):
            await asked.wait()
            assert await asyncio.to_thread(lambda: "read") == "read"
    finally:
        answered.set()
        await post


async def test_a_name_that_leads_inside_is_refused_before_anything_is_sent(receiver: Receiver) -> None:
    answer = await Egress().post(receiver.url, {}, b"")
    assert answer.status is None
    assert "not public" in answer.text
    assert "127.0.0.1" not in answer.text
    assert receiver.posts == []


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.0.0.1", "172.16.9.9", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",  # noqa: S104
        "240.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fc00::1", "fec0::1", "ff02::1", "::ffff:127.0.0.1",
        "::ffff:a00:1", "64:ff9b::7f00:1", "2002:7f00:1::", "2001:db8::1",
    ],
)  # fmt: skip
async def test_no_private_address_is_connected_to_under_any_name(address: str) -> None:
    async def leads_inside(_host: str, _port: int) -> list[str]:
        return ["93.184.216.34", address]

    answer = await Egress(resolve=leads_inside).post(f"https://{NAME}/", {}, b"")
    assert "not public" in answer.text


async def test_a_name_that_changes_its_mind_is_asked_once_and_the_checked_address_is_used(receiver: Receiver) -> None:
    """DNS rebinding: a second look-up would lead elsewhere; there is none."""
    asked: list[str] = []

    async def rebinding(host: str, _port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["192.0.2.1"]

    port = receiver.url.rpartition(":")[2].partition("/")[0]
    answer = await Egress({NAME}, resolve=rebinding).post(f"http://{NAME}:{port}/hook", {}, b"")
    assert (answer.arrived, asked) == (True, [NAME])
    assert receiver.posts[0][1].headers["host"] == f"{NAME}:{port}"


async def test_of_a_huge_answer_only_the_beginning_is_read(receiver: Receiver) -> None:
    receiver.status, receiver.body = 500, b"x" * (64 * 1024 * 1024)
    answer = await Egress({"localhost"}).post(receiver.url, {}, b"")
    assert (answer.status, answer.text) == (500, "x" * MAX_KEPT)


async def test_who_does_not_answer_is_given_up(receiver: Receiver) -> None:
    waiting = threading.Event()
    receiver.before = lambda _posted: (waiting.wait(5), None)[1]
    answer = await Egress({"localhost"}, total=0.05).post(receiver.url, {}, b"")
    waiting.set()
    assert (answer.status, answer.text) == (None, "no whole answer within 0 seconds")


async def test_what_is_no_http_and_who_is_not_there_is_told() -> None:
    async def nonsense(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"this is no HTTP\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(nonsense, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        answer = await Egress({"127.0.0.1"}).post(f"http://127.0.0.1:{port}/", {}, b"")
        assert (answer.status, "Protocol" in answer.text) == (None, True)
    answer = await Egress({"127.0.0.1"}).post(f"http://127.0.0.1:{port}/", {}, b"")
    assert (answer.status, "Connect" in answer.text) == (None, True)
    answer = await Egress().post("https://no-such-host.invalid/", {}, b"")
    assert (answer.status, "cannot be looked up" in answer.text) == (None, True)


@pytest.mark.parametrize(("said", "seconds"), [("120", 120.0), ("99999999", 99999999.0), ("IN TEN MINUTES", 600.0)])
async def test_a_receiver_may_say_when_to_try_again(said: str, seconds: float) -> None:
    if said == "IN TEN MINUTES":
        said = format_datetime(datetime.now(UTC) + timedelta(minutes=10), usegmt=True)

    async def busy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        head = f"HTTP/1.1 429 Busy\r\nRetry-After: {said}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        writer.write(head.encode())
        writer.close()

    async with await asyncio.start_server(busy, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        answer = await Egress({"127.0.0.1"}).post(f"http://127.0.0.1:{port}/", {}, b"")
    assert (answer.status, answer.retry_after) == (429, pytest.approx(seconds, abs=30))


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate and its key for one name."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
        .not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


@contextmanager
def over_tls(certificate: Path) -> Iterator[int]:
    """A server that answers each request over TLS with 204."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    listening = socket.create_server(("127.0.0.1", 0))

    def answer() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listening.accept()
                with suppress(OSError), context.wrap_socket(connection, server_side=True) as wrapped:
                    asked = b""
                    while not asked.endswith(b"{}") and (part := wrapped.recv(65536)):
                        asked += part
                    wrapped.sendall(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
                    wrapped.recv(1)  # until the other side has read it all

    thread = threading.Thread(target=answer, daemon=True)
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join()


async def test_over_tls_it_is_the_name_that_is_verified_though_the_connection_goes_to_the_address(
    certificate: Path,
) -> None:
    async def here(_host: str, _port: int) -> list[str]:
        return ["127.0.0.1"]

    context = ssl.create_default_context(cafile=str(certificate))
    hosts = {NAME, "other.example"}
    with over_tls(certificate) as port:
        egress = Egress(hosts, resolve=here, context=context)
        assert (await egress.post(f"https://{NAME}:{port}/", {}, b"{}")).status == 204
        other = await egress.post(f"https://other.example:{port}/", {}, b"{}")
        assert (other.status, "certificate" in other.text.lower()) == (None, True)
        unknown = await Egress(hosts, resolve=here).post(f"https://{NAME}:{port}/", {}, b"{}")
        assert unknown.status is None
