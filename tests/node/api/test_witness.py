"""POST /add-checkpoint: exactly the answers of C2SP tlog-witness, open to anybody, within limits."""

import base64
import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.exceptions import HTTPException
from starlette.testclient import TestClient

from node.api import witness as api_witness
from node.api.application import create_api
from node.api.witness import Gate, parse_request
from tests.node.logs import Watched
from tests.node.nodes import NETWORK, ORG
from wire.keys import SigningKey
from wire.merkle import consistency_proof
from wire.notes import COSIGNATURE, VerifierKey, open_note


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    found = Watched(tmp_path)
    found.log.take_outbox(found.node)
    yield found
    found.close()


@pytest.fixture
def anybody(watched: Watched) -> TestClient:
    return TestClient(create_api(watched.node, witness=lambda: watched.witness), raise_server_exceptions=False)


def request(watched: Watched, old: int, note: bytes | None = None) -> bytes:
    log = watched.log
    path = consistency_proof(old, log.size, log.subtree) if old <= log.size else []
    lines = [f"old {old}", *(base64.b64encode(each).decode() for each in path), ""]
    return "".join(f"{line}\n" for line in lines).encode() + (note or log.note())


def test_a_standard_client_gets_a_cosignature_that_verifies(watched: Watched, anybody: TestClient) -> None:
    answer = anybody.post("/add-checkpoint", content=request(watched, 0))
    assert answer.status_code == 200, answer.text
    key = VerifierKey(f"{NETWORK}/witness/{ORG}", watched.node.keyring.witness.public, COSIGNATURE)
    assert key in open_note(watched.log.note() + answer.content, [key]).verified
    size = watched.log.size
    watched.log.grow(40)
    assert anybody.post("/add-checkpoint", content=request(watched, size)).status_code == 200


def test_a_conflict_tells_the_size_as_the_specification_says(watched: Watched, anybody: TestClient) -> None:
    anybody.post("/add-checkpoint", content=request(watched, 0))
    size = watched.log.size
    watched.log.grow(3)
    answer = anybody.post("/add-checkpoint", content=request(watched, 1))
    assert (answer.status_code, answer.text) == (409, f"{size}\n")
    assert answer.headers["content-type"].split(";")[0] == "text/x.tlog.size"


def test_each_refusal_has_the_status_of_the_specification(watched: Watched, anybody: TestClient) -> None:
    def status(content: bytes) -> int:
        return anybody.post("/add-checkpoint", content=content).status_code

    assert status(request(watched, watched.log.size + 1)) == 400
    assert status(request(watched, 0, watched.log.note(key=SigningKey.generate()))) == 403
    assert status(request(watched, 0, watched.log.note().replace(NETWORK.encode(), b"other.example"))) == 404
    assert status(request(watched, 0).replace(b"old 0\n", b"old 0\n" + base64.b64encode(bytes(32)) + b"\n")) == 422
    assert watched.node.log.cosigned() is None


def test_a_log_that_cannot_be_read_now_is_503_with_a_sentence(watched: Watched, anybody: TestClient) -> None:
    watched.log.silent = True
    answer = anybody.post("/add-checkpoint", content=request(watched, 0))
    assert answer.status_code == 503
    assert "cannot be read here now: the hub cannot answer: not now." in answer.json()["detail"]
    watched.log.silent = False
    assert anybody.post("/add-checkpoint", content=request(watched, 0)).status_code == 200


def test_without_a_running_relay_it_is_503(watched: Watched) -> None:
    alone = TestClient(create_api(watched.node), raise_server_exceptions=False)
    assert alone.post("/add-checkpoint", content=request(watched, 0)).status_code == 503


def test_a_request_that_is_too_long_is_not_read(watched: Watched, anybody: TestClient) -> None:
    content = request(watched, 0) + b"x" * api_witness.MAX_REQUEST
    assert anybody.post("/add-checkpoint", content=content).status_code == 413


@pytest.mark.parametrize(
    "body",
    [
        b"", b"old 0", b"old 0\n\n", b"old 00\n\nx", b"old -1\n\nx", b"old 1\nAA==\n\nx", b"new 0\n\nx",
        b"old 0\r\n\r\nx",
        b"old 0\n" + (base64.b64encode(bytes(32)) + b"\n") * 64 + b"\nx", b"old 0\n\xff\n\nx", b" old 0\n\nx",
    ],
)  # fmt: skip
def test_a_request_of_another_form_is_refused(body: bytes) -> None:
    with pytest.raises(HTTPException) as told:
        parse_request(body)
    assert told.value.status_code == 400


def test_sixty_three_lines_of_proof_are_read() -> None:
    line = base64.b64encode(bytes(32)) + b"\n"
    assert parse_request(b"old 7\n" + line * 63 + b"\nnote\n") == (7, [bytes(32)] * 63, b"note\n")


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    with contextlib.suppress(HTTPException):
        old, path, note = parse_request(body)
        assert body.startswith(f"old {old}\n".encode())
        assert body.endswith(note)
        assert len(path) <= 63


def test_who_asks_too_often_or_too_many_at_once_is_put_off() -> None:
    now = [0.0]
    gate = Gate(lambda: now[0])
    for _ in range(api_witness.BURST):
        with gate:
            pass
    with pytest.raises(HTTPException) as told, gate:
        pass
    assert told.value.status_code == 429
    now[0] = 60.0
    for _ in range(api_witness.MAX_WAITING):
        gate.__enter__()
    with pytest.raises(HTTPException) as told, gate:
        pass
    assert told.value.status_code == 503
