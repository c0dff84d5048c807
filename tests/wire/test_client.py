"""Tests of wire/client.py: what a reader gets from a hub, and how it says what went wrong."""

import gzip
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from deploy.demo.service import free_port
from hub.access import create_token
from tests.hub.published import Published, small_network, sqlite_engine
from tests.hub.serving import Served, served
from tests.signed_network import contact, need
from tests.wire.lying_hub import lying, streaming
from wire.client import MAX_ANSWER, MAX_ERROR, MAX_LINE, BadAddress, HubAway, HubClient, HubRefused

__all__ = ["small_network", "sqlite_engine"]


@pytest.fixture
def hub(small_network: Published) -> Iterator[Served]:
    for number in range(3):
        small_network.publish("need", need(f"Need {number}"), id=f"n{number}")
    small_network.publish("contact", contact(), marking="TLP:GREEN", id="c1")
    with served(small_network) as server:
        yield server


def test_records_come_page_by_page_and_by_filter(hub: Served) -> None:
    with HubClient(hub.address) as client:
        assert [item["id"] for item in client.records(limit=1)] == ["n0", "n1", "n2"]
        assert list(client.records(kind=["offer", "contact"])) == []
        assert client.record("need", "xa-centre", "n1")["record"]["title"] == {"en": "Need 1"}
        assert [item["sequence"] for item in client.history("need", "xa-centre", "n1")] == [2]


def test_nodes_and_counts_can_be_asked_for(hub: Served) -> None:
    with HubClient(hub.address + "/") as client:
        assert [node["org"] for node in client.nodes()] == ["xa-centre"]
        assert client.stats()["records"] == {"need": 3}


def test_a_token_opens_what_members_see(hub: Served, small_network: Published) -> None:
    with HubClient(hub.address, create_token(small_network.engine, "member", "reader")) as client:
        assert client.record("contact", "xa-centre", "c1")["marking"] == "TLP:GREEN"


@pytest.mark.parametrize(
    ("path", "asked", "status", "name"),
    [
        ("/api/v1/records/need/xa-centre/n9", {}, 404, "no-such-record"),
        ("/api/v1/records", {"knd": "x"}, 400, "invalid-parameters"),
        ("/api/v1/quarantine", {}, 401, "token-needed"),
    ],
)
def test_a_refusal_keeps_its_name_and_sentence(
    hub: Served, path: str, asked: dict[str, str], status: int, name: str
) -> None:
    with HubClient(hub.address) as client, pytest.raises(HubRefused) as error:
        client.get(path, asked)
    assert (error.value.status, error.value.name) == (status, name)
    assert str(error.value).endswith(".")


@pytest.mark.parametrize(
    "address",
    [
        "", "hub.example", "ftp://hub.example", "http://", "http://user:pw@hub.example", "http://h.example/?x=1",
        "http://a..b", f"http://{'a' * 64}.example", "http://.", "http://h.example:99999", "http://h.example:0",
    ],
)  # fmt: skip
def test_what_is_no_address_of_a_hub_is_refused_at_once(address: str) -> None:
    with pytest.raises(BadAddress):
        HubClient(address)


def test_a_token_never_travels_in_clear() -> None:
    with pytest.raises(BadAddress, match="use https"):
        HubClient("http://hub.example", "secret-token")
    for address in ("https://hub.example", "http://127.0.0.1:8300", "http://localhost:8300"):
        HubClient(address, "secret-token").close()


@pytest.mark.parametrize("token", ["clé-secret", "two\nlines-secret", "two words-secret", "\x00secret"])
def test_what_cannot_be_an_access_token_is_neither_sent_nor_told(token: str) -> None:
    with pytest.raises(BadAddress, match="not one word") as error:
        HubClient("https://hub.example", token)
    assert "secret" not in str(error.value)


@pytest.mark.parametrize("errors", [5, ["a", "b"], [[], {}], {"a": 1}, None, [{"detail": "x"}, {"detail": "and this"}]])
def test_a_refusal_with_any_errors_is_told(errors: object) -> None:
    with lying({"type": "x/bad", "detail": "No.", "errors": errors}, 400) as address, HubClient(address) as client:
        with pytest.raises(HubRefused, match=r"^No\.") as error:
            client.stats()
        assert error.value.name == "bad"


def test_a_refusal_is_told_in_as_many_words_as_a_person_reads() -> None:
    with lying({"type": "x", "detail": "a" * 60_000}, 400) as address, HubClient(address) as client:  # noqa: SIM117
        with pytest.raises(HubRefused) as error:
            client.stats()
    assert len(str(error.value)) < 3_000


@pytest.mark.parametrize(
    "page",
    [
        {}, {"items": 5}, {"items": [5]}, {"items": [], "next": 3}, {"items": [{}], "next": "x"},
        {"items": [{}], "next": -1}, {"items": [{}], "next": 7},
    ],
)  # fmt: skip
def test_a_list_that_is_none_or_leads_in_a_circle_is_not_a_hub_s(page: object) -> None:
    with lying(page) as address, HubClient(address) as client, pytest.raises(HubAway, match="not as a hub does"):
        list(client.records())


@contextmanager
def answering(answer: bytes) -> Iterator[str]:
    """Something else than a hub, on a port of its own."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(answer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        thread.join(5)


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]",
        b"HTTP/1.1 302 Found\r\nLocation: http://elsewhere.example/\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{",
        b"",
    ],
    ids=["text", "a list", "redirect", "proxy", "cut off", "nothing"],
)
def test_what_answers_in_a_hubs_place_is_told_apart(answer: bytes) -> None:
    with answering(answer) as address, HubClient(address) as client, pytest.raises(HubAway, match=r"127\.0\.0\.1"):
        client.stats()
    with answering(answer) as address, HubClient(address) as client, pytest.raises(HubAway):  # noqa: SIM117
        with client.stream({}, None) as opened:
            list(opened.lines)


class Flood:
    """Many megabytes, which count how many were taken; far too many to be taken whole."""

    def __init__(self, letter: bytes = b" ") -> None:
        self.taken = 0
        self._letter = letter

    def __call__(self) -> Iterator[bytes]:
        for _ in range(100):
            yield self._letter * 1_000_000
            self.taken += 1


def test_a_flood_of_bytes_is_left_where_it_is_too_long() -> None:
    flood = Flood()
    with lying(flood) as address, HubClient(address) as client, pytest.raises(HubAway, match="more than"):
        client.stats()
    assert flood.taken < 60


def test_a_flood_as_a_refusal_is_left_after_its_beginning() -> None:
    floods = [Flood(), Flood(), Flood()]
    with lying(floods[0], 400) as address, HubClient(address) as client, pytest.raises(HubAway, match="status 400"):
        client.stats()
    with lying(floods[1], 404) as address, HubClient(address) as client:
        assert client.fetch("/log/tile/0/000", 10) is None
    with lying(floods[2], 400) as address, HubClient(address) as client, pytest.raises(HubAway, match="status 400"):
        client.stream({}, None).__enter__()
    assert max(flood.taken for flood in floods) < 20


def test_a_small_answer_that_unpacks_to_a_huge_one_is_left() -> None:
    bomb = gzip.compress(b" " * (MAX_ANSWER + 1))
    with lying(bomb, encoding="gzip") as address, HubClient(address) as client, pytest.raises(HubAway, match="more"):
        client.stats()
    with lying(bomb, 400, encoding="gzip") as address, HubClient(address) as client, pytest.raises(HubAway):
        client.fetch("/trust.json", MAX_ERROR)


def test_a_line_without_end_is_left() -> None:
    flood = Flood(b"x")
    with lying(flood, content_type="text/event-stream") as address, HubClient(address) as client:  # noqa: SIM117
        with pytest.raises(HubAway, match=f"more than {MAX_LINE} bytes"), client.stream({}, None) as opened:
            list(opened.lines)
    assert flood.taken < 30


def test_a_title_with_a_line_separator_ends_no_line() -> None:
    """Only CR and LF end a line of a stream."""
    with streaming("data: one\u2028two\x85\r\n\r".encode()) as address, HubClient(address) as client:  # noqa: SIM117
        with client.stream({}, None) as opened:
            assert list(opened.lines) == ["data: one\u2028two\x85", ""]


@contextmanager
def dripping(head: bytes) -> Iterator[str]:
    """Something that says its head, and then one byte again and again."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        done = threading.Event()

        def serve() -> None:
            connection, _ = listener.accept()
            with connection, suppress(OSError):
                connection.recv(65536)
                connection.sendall(head)
                while not done.wait(0.01):
                    connection.sendall(b"x")

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        done.set()
        thread.join(5)


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"


@pytest.mark.parametrize("head", [HEAD + b"\r\n", HEAD + b"X-More: ", b""], ids=["content", "header", "status"])
def test_an_answer_that_drips_byte_by_byte_is_given_up(head: bytes) -> None:
    with dripping(head) as address, HubClient(address, read_seconds=0.1) as client, pytest.raises(HubAway):
        client.stats()
    with dripping(head) as address, HubClient(address, read_seconds=0.1) as client, pytest.raises(HubAway):
        client.fetch("/trust.json", 1_000_000)
    with dripping(head) as address, HubClient(address, read_seconds=0.1) as client, pytest.raises(HubAway):  # noqa: SIM117
        with client.stream({}, None) as opened:
            list(opened.lines)


def test_a_hub_that_is_not_there_is_told() -> None:
    with HubClient(f"http://127.0.0.1:{free_port()}") as client, pytest.raises(HubAway, match="does not answer"):
        client.stats()


def test_a_stream_that_falls_silent_is_given_up() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n: hello\n\n"
    with socket.create_server(("127.0.0.1", 0)) as listener:
        client = HubClient(f"http://127.0.0.1:{listener.getsockname()[1]}", silent_seconds=0.3)
        done = threading.Event()

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(head)
                done.wait(10)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        with client, pytest.raises(HubAway), client.stream({}, None) as opened:
            assert list(opened.lines) == []
        done.set()
        thread.join(5)
