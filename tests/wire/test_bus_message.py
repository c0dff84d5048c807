"""Messages of the bus: the bytes of a publish, and what is read from one that came."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wire.bus_message import MAX_PAYLOAD, BatchRefused, Incoming, frame

NAMES = st.text("abcXYZ-09", min_size=1)
VALUES = st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0"))


def trimmed(value: str) -> str:
    return value.encode().strip().decode()


def came(frame_: bytes) -> Incoming:
    """Read the bytes of an HPUB as the server would pass them on."""
    line, _, rest = frame_.partition(b"\r\n")
    _, subject, _, size, _ = line.decode().split(" ")
    return Incoming(subject, "", rest[: int(size)], rest[int(size) : -2])


@given(headers=st.dictionaries(NAMES, VALUES, min_size=1), body=st.binary(max_size=200))
def test_headers_and_body_come_as_they_were_sent(headers: dict[str, str], body: bytes) -> None:
    incoming = came(frame("events.un-a.need", body, headers))
    assert incoming.body == body
    assert incoming.headers == {name: trimmed(value) for name, value in headers.items()}
    assert all(incoming.header(name) == trimmed(value) for name, value in headers.items())
    assert incoming.status == 0


@pytest.mark.parametrize("subject", ["", "a b", "a\r\nPUB x", "a..b", ".a", "a.", "a\tb", "a\0"])
def test_a_subject_cannot_carry_protocol_lines(subject: str) -> None:
    with pytest.raises(ValueError, match="not a subject"):
        frame(subject, b"", {})
    if subject:
        with pytest.raises(ValueError, match="not a subject"):
            frame("a", b"", {}, subject)


@pytest.mark.parametrize(
    ("name", "value"), [("a", "x\r\ny: z"), ("a", "x\ny"), ("a\r\n", "x"), ("a b", "x"), ("", "x"), ("a:", "x")]
)
def test_a_header_cannot_carry_other_headers(name: str, value: str) -> None:
    with pytest.raises(ValueError, match="not a header"):
        frame("a", b"", {name: value})


def test_what_the_server_would_end_the_connection_for_is_not_sent() -> None:
    frame("a", b"x" * MAX_PAYLOAD, {})
    with pytest.raises(ValueError, match="the bus carries at most"):
        frame("a", b"x" * MAX_PAYLOAD, {"name": "value"})


def test_headers_are_read_in_exactly_their_spelling_and_the_first_counts() -> None:
    incoming = Incoming(
        "a", "", b"NATS/1.0\r\nliaison-token: low\r\nLiaison-Token: one\r\nLiaison-Token: two\r\n\r\n", b""
    )
    assert incoming.header("Liaison-Token") == "one"
    assert incoming.headers["Liaison-Token"] == "one"
    assert incoming.header("Content-Type") == ""


def test_a_header_ends_where_its_line_ends_and_nowhere_else() -> None:
    incoming = Incoming("s", "", b"NATS/1.0\r\nA: one\rtwo\r\nB:\r\nC: \xff\r\n\r\n", b"")
    assert [incoming.raw_header(name) for name in "ABCD"] == [b"one\rtwo", b"", b"\xff", b""]
    assert incoming.header("C") == "\ufffd"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (b"NATS/1.0 503\r\n\r\n", 503),
        (b"NATS/1.0 408 Request Timeout\r\nA: b\r\n\r\n", 408),
        (b"NATS/1.0\r\nA: 404\r\n\r\n", 0),
        (b"", 0),
    ],
)
def test_the_server_s_own_status_is_not_confused_with_what_somebody_published(headers: bytes, status: int) -> None:
    assert Incoming("a", "", headers, b"").status == status


@pytest.mark.parametrize(
    "reply",
    [
        "$JS.ACK.EVENTS.intake.2.17.4.1700000000000.9",
        "$JS.ACK._.hash.EVENTS.intake.2.17.4.1700000000000.9",
        "$JS.ACK._.hash.EVENTS.intake.2.17.4.1700000000000.9.token",
    ],
)
def test_places_are_read_from_both_forms_of_acknowledgement_subjects(reply: str) -> None:
    incoming = Incoming("a", reply, b"", b"")
    assert (incoming.stream_seq, incoming.redelivered, incoming.pending) == (17, True, 9)


def test_a_message_outside_streams_has_no_place() -> None:
    assert Incoming("a", "_INBOX.x.y.z.1.2.3.4.5", b"", b"").stream_seq == 0


def test_a_refused_batch_says_whether_it_was_a_duplicate() -> None:
    assert BatchRefused(10201, "x").duplicate
    assert not BatchRefused(10071, "x").duplicate
